"""No user is lost between two pages, even if every count matches."""

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
from sources.impartner.pages import read_all
from sources.impartner.plan import PageSize
from sources.impartner.query import Query
from sources.impartner.responses import Answer


def ids(rows):
    """A frame of ids only."""
    return keys_of(rows).to_frame()


WANTED = Query("User", "Id,Name", ids, PageSize(10), concurrency=2)


class Server:
    """Forty users; before the first page is answered, two leave and two join, so the count stays."""

    def __init__(self, *, always_changes: bool) -> None:
        self.users = list(range(1, 41))
        self.always_changes = always_changes
        self.readings = 0
        self.changed = asyncio.Event()

    async def page(self, _entity, query) -> Answer:
        """One page of ids."""
        skip, take = query["skip"], query["take"]
        if skip == 0:
            self.readings += 1
            await self.changed.wait()
        rows = [{"id": key} for key in self.users[skip : skip + take]]
        if skip == 9 and (self.always_changes or not self.changed.is_set()):
            # One who was not read yet and one of this page leave, so another user slips between the pages.
            for leaver in (self.users[0], self.users[11]):
                self.users.remove(leaver)
            self.users += [self.users[-1] + 1, self.users[-1] + 2]
            self.changed.set()
        return Answer(40, rows)


def test_a_user_who_slips_between_pages_is_noticed():
    """The first pass has forty ids but not user 20; the second is complete."""

    async def read() -> None:
        server = Server(always_changes=False)
        frame = await read_all(server, WANTED)
        assert frame[KEY].to_list() == server.users
        assert 20 in server.users
        assert server.readings == 2

    asyncio.run(read())


def test_pages_are_requested_while_others_are_parsed():
    """As long as pages are left, all slots stay in use."""
    last_is_requested, in_time = threading.Event(), []

    class Steady:
        gate = asyncio.Semaphore(WANTED.concurrency)

        async def page(self, _entity, query) -> Answer:
            async with self.gate:
                if query["skip"] == 36:
                    last_is_requested.set()
                await asyncio.sleep(0)
                return Answer(40, [{"id": key} for key in range(1, 41)[query["skip"] : query["skip"] + query["take"]]])

    def read(rows):
        if rows[0]["id"] == 19:  # the third of five
            in_time.append(last_is_requested.wait(240))
        return ids(rows)

    frame = asyncio.run(read_all(Steady(), replace(WANTED, read=read)))
    assert frame[KEY].to_list() == [*range(1, 41)]
    assert in_time == [True]


def test_a_tenant_that_always_changes_fails_after_three_passes():
    """Nothing is better than almost everyone."""

    async def read() -> None:
        server = Server(always_changes=True)
        server.page = _changing_each_pass(server)
        with pytest.raises(Unreachable, match="slipped between two pages"):
            await read_all(server, WANTED)
        assert server.readings == 3

    asyncio.run(read())


def test_a_tenant_that_grows_with_every_page_fails_after_three_passes():
    """The pull doesn't chase it forever."""

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

    asyncio.run(asyncio.wait_for(read(), 240))


def _changing_each_pass(server):
    """Each pass waits for the change again."""
    page = Server.page.__get__(server)

    async def answer(entity, query) -> Answer:
        if query["skip"] == 0:
            server.changed.clear()
        return await page(entity, query)

    return answer


@given(size=st.integers(2, 12), users=st.integers(0, 80), most=st.integers(1, 4))
def test_pages_overlap_by_one_and_cover_everyone(size, users, most):
    """No offset is skipped, no page is too large, and few are requested."""
    asked: list[tuple[int, int]] = []

    class Unchanging:
        async def page(self, _entity, query) -> Answer:
            if query["fields"] != ID:
                asked.append((query["skip"], query["skip"] + query["take"]))
            rows = [{"id": key} for key in range(query["skip"] + 1, min(users, query["skip"] + query["take"]) + 1)]
            return Answer(users, rows)

    wanted = Query("User", "Id,Name", ids, PageSize(size), concurrency=most)
    assert asyncio.run(read_all(Unchanging(), wanted)).height == users
    assert all(2 <= end - begin <= size for begin, end in asked)
    assert all(after[0] == before[1] - 1 for before, after in pairwise(sorted(asked)) if after[0] < users)
    assert len(asked) <= most + users // (size - 1) + 1


@pytest.mark.parametrize("count", [2**31 - 1, 10**12])
def test_an_inflated_count_ends_at_an_empty_page(count):
    """The server's count may be anything."""

    class Inflated:
        asked = 0

        async def page(self, _entity, query) -> Answer:
            self.asked += 1
            rows = [{"id": key} for key in range(query["skip"] + 1, min(40, query["skip"] + query["take"]) + 1)]
            return Answer(count, rows)

    server = Inflated()
    with pytest.raises(Unreachable, match=f"40 were read, and the server counted {count}"):
        asyncio.run(asyncio.wait_for(read_all(server, WANTED), 240))
    assert server.asked < 60
