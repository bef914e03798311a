"""Busy servers, outages, refused pages: what is waited for, for how long, and with how many requests at a time."""

import asyncio
import logging
import threading
import time

import pytest

from schemas.errors import Unreachable
from sources.impartner.backoff import Backoff
from sources.impartner.client import Refused
from sources.impartner.gate import STEADY, Gate
from sources.impartner.pull import pull
from sources.sandbox import serving
from tests.loopback import free_port
from tests.sources.impartner.pulling import FAST, SMALL, USERS, connect, pages_asked

LOGGER = "sources.impartner.client"


@pytest.mark.parametrize("fault", ["429", "429-retry-after", "503", "503-retry-date"])
@pytest.mark.parametrize("account", [None, "Contoso GmbH"])
def test_a_busy_server_is_waited_for_as_long_as_patience_lasts(fault, account, caplog):
    """Far more than six requests; what is waited for is said once in a while, and without the name that was typed."""
    with (
        serving(**SMALL, faults=[f"{fault}:always"]) as sandbox,
        pytest.raises(Unreachable, match=rf"not done after.*\({fault[:3]}\).*PARTNER_CERTS_IMPARTNER_PATIENCE"),
    ):
        pull(connect(sandbox, patience=0.5), account=account, backoff=FAST)
    assert len(sandbox.site.asked) > 6
    told = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert len(told) == 1
    assert f"({fault[:3]})" in told[0]
    assert "Trying again in 0." in told[0]
    assert "Contoso" not in told[0]


def test_twenty_refusals_in_a_row_end_well():
    """Where six tries would have been the end."""
    with serving(**SMALL, faults=["429:20"]) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).frame.height == USERS


def test_after_a_refusal_half_as_many_are_in_flight_and_more_again_when_it_goes_well():
    """At least one, and never more than the setting says."""

    async def work() -> list[int]:
        gate, widths = Gate(8), []
        for _ in range(4):
            gate.slow_down()
            widths.append(gate.width)
        for _ in range(8 * STEADY):
            gate.went_well()
            widths.append(gate.width)
        return widths

    widths = asyncio.run(work())
    assert widths[:4] == [4, 2, 1, 1]
    assert widths[4:] == sorted(widths[4:])
    assert widths[4 + STEADY - 1] == 2
    assert widths[-1] == 8


def test_a_closed_gate_lets_nobody_in_and_then_only_as_many_as_it_is_wide():
    """Whoever waited goes on by itself."""

    async def work() -> tuple[int, float]:
        gate, inside, most = Gate(4), 0, 0
        gate.slow_down()
        gate.close(0.05)
        began = asyncio.get_running_loop().time()
        first: list[float] = []

        async def enter() -> None:
            nonlocal inside, most
            async with gate:
                first.append(asyncio.get_running_loop().time() - began)
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.002)
                inside -= 1

        await asyncio.gather(*(enter() for _ in range(9)))
        return most, min(first)

    most, first = asyncio.run(work())
    assert most == 2
    assert first >= 0.049


def test_strictly_one_request_a_second_ends_right():
    """Here a second is shorter; every request that comes too soon is refused without a word on how long to wait."""
    with serving(**SMALL, faults=["one-a-second:always"]) as sandbox:
        sandbox.site.pause = 0.04
        export = pull(connect(sandbox), backoff=FAST)
    assert export.frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    assert export.accounts.height == 12


@pytest.mark.parametrize("fault", ["429-retry-after", "429-retry-decimal", "429-reset", "429-reset-time"])
def test_what_the_server_asks_to_wait_is_waited(fault):
    """By everybody, not only by the request that was told."""
    with serving(**SMALL, faults=[f"{fault}:1"]) as sandbox:
        pull(connect(sandbox), backoff=Backoff(0.001, 0.002, retry_after=0.2))
    ends, begins = sandbox.site.spans[1][1], min(began for began, _ in sandbox.site.spans[2:])
    assert begins - ends >= 0.15


def test_a_server_that_comes_back_is_waited_for():
    """A nightly run that begins in an outage ends well."""
    port = free_port()
    with serving(port, **SMALL) as sandbox:
        connection = connect(sandbox, patience=30)
    back = threading.Event()

    def come_back() -> None:
        time.sleep(0.3)
        with serving(port, **SMALL):
            back.wait(30)

    server = threading.Thread(target=come_back)
    server.start()
    try:
        assert pull(connection, backoff=FAST).frame.height == USERS
    finally:
        back.set()
        server.join()


def test_a_server_that_is_not_there_is_told_as_such(caplog):
    """After six tries for one account, for somebody waits; with the end of patience for all of them."""
    with serving(**SMALL) as sandbox:
        gone = connect(sandbox, patience=0.5)
    with pytest.raises(Unreachable, match=r"no connection to the server \(6 requests\)"):
        pull(gone, account="Contoso GmbH", backoff=FAST)
    with pytest.raises(Unreachable, match=r"not done after.*no connection"):
        pull(gone, backoff=FAST)
    assert "no connection to the server. Trying again" in caplog.text


def test_waiting_is_told_on_standard_error(capfd):
    """Where nobody has set up logging, as in the command."""
    handlers, logging.root.handlers = logging.root.handlers, []
    try:
        with serving(**SMALL, faults=["503:1"]) as sandbox:
            pull(connect(sandbox), backoff=FAST)
    finally:
        logging.root.handlers = handlers
    assert "the server has no time (503). Trying again in" in capfd.readouterr().err


# --- pages that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "now"), [(500, 62), (150, 75), (101, 50), (100, 100)])
def test_a_page_size_that_is_refused_is_halved(size, now):
    """And the notice says what to set."""
    with serving(users=300, accounts=12, maximum=1000, faults=["page-size:always"]) as sandbox:
        export = pull(connect(sandbox, page_size=size), backoff=FAST)
    assert export.frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    assert int(pages_asked(sandbox)[-1]["take"]) <= now
    assert [f"PAGE_SIZE to {now}" in notice for notice in export.notices] == ([True] if now != size else [])


def test_a_page_size_is_not_halved_below_fifty(monkeypatch):
    """Whatever is refused then is not its size; the message names the setting."""
    from sources.sandbox import refusals

    monkeypatch.setattr(refusals, "LONGEST_PAGE", 10)
    with (
        serving(**SMALL, faults=["page-size:always"]) as sandbox,
        pytest.raises(Refused, match=r"\(400\).*Pages of 50 were asked for \(PARTNER_CERTS_IMPARTNER_PAGE_SIZE\)"),
    ):
        pull(connect(sandbox, page_size=400), backoff=FAST)
    asked = {int(query["take"]) for query in pages_asked(sandbox)}
    assert asked >= {400, 200, 100, 50}
    assert 25 not in asked


@pytest.mark.parametrize("size", [20, 40, 500])
@pytest.mark.parametrize("maximum", [20, 1000])
def test_where_offsets_are_refused_pages_go_on_by_id(size, maximum):
    """Everybody is there once, and nobody was asked for in vain."""
    with serving(users=300, accounts=12, maximum=maximum, faults=["offsets:always"]) as sandbox:
        export = pull(connect(sandbox, page_size=size), backoff=FAST)
    assert export.frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    by_id = [query["filter"] for query in pages_asked(sandbox) if "filter" in query]
    assert by_id == sorted(by_id, key=lambda filter_: int(filter_.removeprefix("Id > ")))
    assert len(set(by_id)) == len(by_id)
    assert by_id or maximum > size > 300


def test_an_account_s_pages_go_on_by_id_too():
    """The filter for the account stays."""
    with serving(users=600, accounts=4, maximum=30, faults=["offsets:always"]) as sandbox:
        export = pull(connect(sandbox), account="Contoso GmbH", backoff=FAST)
    own = [user["Email"] for user in sandbox.data.users if user["AccountName"] == "Contoso GmbH"]
    assert export.frame["Email"].to_list() == own
    assert len(own) > 80


@pytest.mark.parametrize("seed", range(4))
def test_by_id_too_nobody_is_missed_who_exists_all_the_time(seed, monkeypatch):
    """Others come and go between the pages."""
    import random

    from sources.sandbox import objects

    chance = random.Random(seed)  # noqa: S311  which people go is no secret
    with serving(users=200, accounts=5, maximum=20, faults=["offsets:always"]) as sandbox:
        stable = {user["Email"] for user in sandbox.data.users}
        budget = [4]

        def live_on(_site, made) -> None:
            if budget[0] and chance.random() < 0.5:
                budget[0] -= 1
                goes = made.users.pop(chance.randrange(len(made.users)))
                stable.discard(goes["Email"])
                made.users.append(goes | {"Id": made.next_id(), "Email": f"new{made.next_id()}@example.org"})

        monkeypatch.setattr(objects, "live_on", live_on)
        try:
            pulled = pull(connect(sandbox, proof=None), backoff=FAST).frame["Email"].to_list()
        except Unreachable:
            pulled = list(stable)  # nothing is a promised outcome, too
    assert stable <= set(pulled)
    assert len(pulled) == len(set(pulled))


def test_no_results_beside_a_count_of_none_are_none():
    """A list that is null or absent is no reason to ask again."""
    with serving(**SMALL, faults=["no-results:always"]) as sandbox:
        assert pull(connect(sandbox), account="Contoso GmbH", backoff=FAST).frame.height
        assert pull(connect(sandbox), account=" contoso   gmbh", backoff=FAST).frame.height
