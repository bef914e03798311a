"""Nobody is missed between two pages, even where every count agrees."""

import asyncio
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Unreachable
from sources.impartner.cells import KEY, keys_of
from sources.impartner.client import ID
from sources.impartner.pages import Query, read_all
from sources.impartner.plan import PageSize
from sources.impartner.responses import Answer


def ids(rows):
    """A frame of the ids only."""
    return keys_of(rows).to_frame()


WANTED = Query("User", "Id,Name", ids, PageSize(10), concurrency=2)


class Server:
    """Forty users; answers the second page first, and then two users go and two come, so that the count stays."""

    def __init__(self, *, restless: bool) -> None:
        self.users = list(range(1, 41))
        self.restless = restless
        self.readings = 0
        self.changed = asyncio.Event()

    async def page(self, _entity, query) -> Answer:
        """One page of ids."""
        skip, take = query["skip"], query["take"]
        if skip == 0:
            self.readings += 1
            await self.changed.wait()
        rows = [{"id": key} for key in self.users[skip : skip + take]]
        if skip == 9 and (self.restless or not self.changed.is_set()):
            # One whom nobody has read yet, and one of this page: another one slips out between the pages.
            for goes in (self.users[0], self.users[11]):
                self.users.remove(goes)
            self.users += [self.users[-1] + 1, self.users[-1] + 2]
            self.changed.set()
        return Answer(40, rows)


def test_one_who_slips_between_two_pages_is_noticed_though_all_counts_agree():
    """The first reading has forty ids and lacks user 20; the second one is proved."""

    async def read() -> None:
        server = Server(restless=False)
        frame = await read_all(server, WANTED)
        assert frame[KEY].to_list() == server.users
        assert 20 in server.users
        assert server.readings == 2

    asyncio.run(read())


def test_the_next_pages_are_asked_for_before_one_is_read():
    """Reading a page keeps no place in flight empty, as long as there are pages to ask for."""
    last_is_asked_for, in_time = threading.Event(), []

    class Steady:
        gate = asyncio.Semaphore(WANTED.concurrency)

        async def page(self, _entity, query) -> Answer:
            async with self.gate:
                if query["skip"] == 36:
                    last_is_asked_for.set()
                await asyncio.sleep(0)
                return Answer(40, [{"id": key} for key in range(1, 41)[query["skip"] : query["skip"] + query["take"]]])

    def read(rows):
        if rows[0]["id"] == 19:  # the third of five
            in_time.append(last_is_asked_for.wait(30))
        return ids(rows)

    frame = asyncio.run(read_all(Steady(), replace(WANTED, read=read)))
    assert frame[KEY].to_list() == [*range(1, 41)]
    assert in_time == [True]


def test_a_tenant_that_never_rests_is_given_up_after_three_readings():
    """Nothing is better than nearly all."""

    async def read() -> None:
        server = Server(restless=True)
        server.page = _rearmed(server)
        with pytest.raises(Unreachable, match="slipped between two pages"):
            await read_all(server, WANTED)
        assert server.readings == 3

    asyncio.run(read())


def test_a_tenant_that_grows_with_every_page_is_given_up_after_three_readings():
    """It is not run after for ever."""

    class Growing:
        users = 40
        readings = 0

        async def page(self, _entity, query) -> Answer:
            skip = query["skip"]
            self.readings += skip == 0
            rows = [{"id": key} for key in range(skip + 1, min(self.users, skip + query["take"]) + 1)]
            self.users += 1
            return Answer(self.users - 1, rows)

    async def read() -> None:
        server = Growing()
        with pytest.raises(Unreachable, match="3 times in a row"):
            await read_all(server, WANTED)
        assert server.readings == 3

    asyncio.run(asyncio.wait_for(read(), 20))


def _rearmed(server):
    """The first page of each reading waits for the change anew."""
    page = Server.page.__get__(server)

    async def answer(entity, query) -> Answer:
        if query["skip"] == 0:
            server.changed.clear()
        return await page(entity, query)

    return answer


@given(size=st.integers(2, 12), users=st.integers(0, 80), most=st.integers(1, 4))
def test_pages_cover_all_and_each_starts_with_the_last_of_one_before(size, users, most):
    """No offset is left out, no page asks for more than the size, and nobody is asked for again and again."""
    asked: list[tuple[int, int]] = []

    class Still:
        async def page(self, _entity, query) -> Answer:
            if query["fields"] != ID:
                asked.append((query["skip"], query["skip"] + query["take"]))
            rows = [{"id": key} for key in range(query["skip"] + 1, min(users, query["skip"] + query["take"]) + 1)]
            return Answer(users, rows)

    wanted = Query("User", "Id,Name", ids, PageSize(size), concurrency=most)
    assert asyncio.run(read_all(Still(), wanted)).height == users
    assert all(2 <= end - begin <= size for begin, end in asked)
    assert all(after[0] == before[1] - 1 for before, after in pairwise(sorted(asked)) if after[0] < users)
    assert len(asked) <= most + users // (size - 1) + 1


@pytest.mark.parametrize("count", [2**31 - 1, 10**12])
def test_a_count_beyond_all_users_is_no_reason_to_ask_on(count):
    """An empty page ends a reading: what the server counts may be anything."""

    class Boasting:
        asked = 0

        async def page(self, _entity, query) -> Answer:
            self.asked += 1
            rows = [{"id": key} for key in range(query["skip"] + 1, min(40, query["skip"] + query["take"]) + 1)]
            return Answer(count, rows)

    server = Boasting()
    with pytest.raises(Unreachable, match=f"40 were read, and the server counted {count}"):
        asyncio.run(asyncio.wait_for(read_all(server, WANTED), 20))
    assert server.asked < 60
