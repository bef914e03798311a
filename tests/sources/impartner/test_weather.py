"""Busy servers, outages and refused pages: what is retried, for how long, and with how many requests at a time."""

import asyncio
import logging
import threading
import time
from dataclasses import replace

import pytest

from schemas.errors import Unreachable
from sources.impartner.backoff import Backoff
from sources.impartner.client import Refused
from sources.impartner.gate import STEADY, Gate
from sources.impartner.pull import pull
from sources.sandbox import serving
from tests.loopback import free_port
from tests.sources.impartner.pulling import FAST, SMALL, USERS, connect, pages_asked, stopped_by_patience

LOGGER = "sources.impartner.client"


@pytest.mark.parametrize("fault", ["429", "429-retry-after", "503", "503-retry-date"])
@pytest.mark.parametrize("account", [None, "Contoso GmbH"])
def test_a_busy_server_is_retried_until_patience_ends(fault, account, caplog):
    """Far more than six requests, one warning, and no account name in it."""
    for patience in (0.5, 10, 100):  # a busy machine gets more time
        caplog.clear()
        with (
            serving(**SMALL, faults=[f"{fault}:always"]) as sandbox,
            pytest.raises(Unreachable, match=rf"not done after.*\({fault[:3]}\).*PARTNER_CERTS_IMPARTNER_PATIENCE"),
        ):
            pull(connect(sandbox, patience=patience), account=account, backoff=FAST)
        if len(sandbox.site.asked) > 6:
            break
    assert len(sandbox.site.asked) > 6
    warnings = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert len(warnings) == 1
    assert f"({fault[:3]})" in warnings[0]
    assert "Trying again in 0." in warnings[0]
    assert "Contoso" not in warnings[0]


def test_twenty_refusals_in_a_row_are_survived():
    """Six requests are the limit for other faults."""
    with serving(**SMALL, faults=["429:20"]) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).frame.height == USERS


def test_concurrency_halves_on_a_refusal_and_recovers():
    """At least one, at most the setting."""

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


def test_a_closed_gate_then_admits_its_width():
    """Waiting requests proceed by themselves."""

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


def test_one_request_a_second_is_enough():
    """A short second here; requests that come too early are refused without a Retry-After."""
    with serving(**SMALL, faults=["one-a-second:always"]) as sandbox:
        sandbox.site.pause = 0.04
        export = pull(connect(sandbox), backoff=FAST)
    assert export.frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    assert export.accounts.height == 12


@pytest.mark.parametrize("fault", ["429-retry-after", "429-retry-decimal", "429-reset", "429-reset-time"])
def test_the_server_s_wait_is_honoured(fault):
    """By all requests, not only the refused one."""
    with serving(**SMALL, faults=[f"{fault}:1"]) as sandbox:
        pull(connect(sandbox), backoff=Backoff(0.001, 0.002, retry_after=0.2))
    ends, begins = sandbox.site.spans[1][1], min(began for began, _ in sandbox.site.spans[2:])
    assert begins - ends >= 0.15


def test_a_server_that_comes_back_is_waited_for():
    """A nightly run that starts during an outage succeeds."""
    port = free_port()
    with serving(port, **SMALL) as sandbox:
        connection = connect(sandbox, patience=240)
    back = threading.Event()

    def come_back() -> None:
        time.sleep(0.3)
        with serving(port, **SMALL):
            back.wait(240)

    server = threading.Thread(target=come_back)
    server.start()
    try:
        assert pull(connection, backoff=FAST).frame.height == USERS
    finally:
        back.set()
        server.join()


def test_an_unreachable_server_is_named(caplog):
    """After six requests for one account, as a person waits; after the patience for all."""
    with serving(**SMALL) as sandbox:
        gone = connect(sandbox, patience=240)
    with pytest.raises(Unreachable, match=r"no connection to the server \(6 requests\)"):
        pull(gone, account="Contoso GmbH", backoff=FAST)
    stopped_by_patience(
        lambda patience: pull(replace(gone, patience=patience), backoff=FAST), r"not done after.*no connection"
    )
    assert "no connection to the server. Trying again" in caplog.text


def test_retries_are_logged_to_standard_error(capfd):
    """Where logging is not set up, as in the command."""
    handlers, logging.root.handlers = logging.root.handlers, []
    try:
        with serving(**SMALL, faults=["503:1"]) as sandbox:
            pull(connect(sandbox), backoff=FAST)
    finally:
        logging.root.handlers = handlers
    assert "the server has no time (503). Trying again in" in capfd.readouterr().err


# --- refused pages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "now"), [(500, 62), (150, 75), (101, 50), (100, 100)])
def test_a_refused_page_size_is_halved(size, now):
    """A notice says what to set."""
    with serving(users=300, accounts=12, maximum=1000, faults=["page-size:always"]) as sandbox:
        export = pull(connect(sandbox, page_size=size), backoff=FAST)
    assert export.frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    assert int(pages_asked(sandbox)[-1]["take"]) <= now
    assert [f"PAGE_SIZE to {now}" in notice for notice in export.notices] == ([True] if now != size else [])


def test_a_page_size_is_not_halved_below_fifty(monkeypatch):
    """Then the size is not the problem; the message names the setting."""
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
def test_paging_continues_by_id_where_offsets_are_refused(size, maximum):
    """Everyone is there once, and no page was requested twice."""
    with serving(users=300, accounts=12, maximum=maximum, faults=["offsets:always"]) as sandbox:
        export = pull(connect(sandbox, page_size=size), backoff=FAST)
    assert export.frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    by_id = [query["filter"] for query in pages_asked(sandbox) if "filter" in query]
    assert by_id == sorted(by_id, key=lambda filter_: int(filter_.removeprefix("Id > ")))
    assert len(set(by_id)) == len(by_id)
    assert by_id or maximum > size > 300


def test_one_account_s_pages_continue_by_id_too():
    """The filter for the account stays."""
    with serving(users=600, accounts=4, maximum=30, faults=["offsets:always"]) as sandbox:
        export = pull(connect(sandbox), account="Contoso GmbH", backoff=FAST)
    own = [user["Email"] for user in sandbox.data.users if user["AccountName"] == "Contoso GmbH"]
    assert export.frame["Email"].to_list() == own
    assert len(own) > 80


@pytest.mark.parametrize("seed", range(4))
def test_users_who_stay_are_never_missed_by_id(seed, monkeypatch):
    """Others join and leave between pages."""
    import random

    from sources.sandbox import objects

    chance = random.Random(seed)  # noqa: S311  who leaves is no secret
    with serving(users=200, accounts=5, maximum=20, faults=["offsets:always"]) as sandbox:
        stable = {user["Email"] for user in sandbox.data.users}
        budget = [4]

        def live_on(_site, made) -> None:
            if budget[0] and chance.random() < 0.5:
                budget[0] -= 1
                leaver = made.users.pop(chance.randrange(len(made.users)))
                stable.discard(leaver["Email"])
                made.users.append(leaver | {"Id": made.next_id(), "Email": f"new{made.next_id()}@example.org"})

        monkeypatch.setattr(objects, "live_on", live_on)
        try:
            pulled = pull(connect(sandbox, proof=None), backoff=FAST).frame["Email"].to_list()
        except Unreachable:
            pulled = list(stable)  # a failed pull is fine too
    assert stable <= set(pulled)
    assert len(pulled) == len(set(pulled))


def test_missing_results_with_a_count_of_zero_are_empty():
    """A null or absent list is not retried."""
    with serving(**SMALL, faults=["no-results:always"]) as sandbox:
        assert pull(connect(sandbox), account="Contoso GmbH", backoff=FAST).frame.height
        assert pull(connect(sandbox), account=" contoso   gmbh", backoff=FAST).frame.height
