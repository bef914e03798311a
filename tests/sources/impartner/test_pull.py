"""A pull gives every user exactly once, or nothing, whatever the server does."""

import asyncio
import logging
import random
import sys

import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.errors import ExportRefused, Stop, Unreachable
from sources.impartner.backoff import Backoff
from sources.impartner.pull import Progress, pull
from sources.sandbox import serving
from sources.sandbox.people import tenant
from sources.sandbox.tenant import Tenant
from tests.sources.impartner.pulling import FAST, SMALL, USERS, backoff_for, connect, pages_asked, stopped_by_patience


def test_users_come_as_text_cells_in_id_order():
    """Columns, types and row numbers are those of a downloaded file."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox), backoff=FAST)
    frame = export.frame
    assert frame.columns == ["row", ACCOUNT_ID, ACCOUNT_NAME, *FIELDS]
    assert {str(kind) for kind in frame.drop("row").dtypes} == {"String"}
    assert frame["row"].to_list() == list(range(2, USERS + 2))
    assert frame["Email"].to_list() == [user["Email"] for user in sandbox.data.users]
    assert frame["Full Name"].to_list() == [user["Name"] for user in sandbox.data.users]
    assert frame[ACCOUNT_ID].to_list() == [str(user["Account"]) for user in sandbox.data.users]
    assert set(frame["SA Verified"]) == {"True", "False"}
    assert "Member Administrator; Deal Administrator" in set(frame["Administrative Privileges"])
    assert export.user_ids.to_list() == [str(user["Id"]) for user in sandbox.data.users]
    assert export.kind == "impartner"
    assert export.name == sandbox.url.removeprefix("http://")
    assert export.notices == ()


def test_the_hash_does_not_depend_on_paging():
    """Page size and concurrency don't show in the export."""
    with serving(**SMALL) as sandbox:
        one, other = (pull(connect(sandbox, page_size=size, concurrency=size), backoff=FAST) for size in (7, 20))
    assert one.sha256 == other.sha256
    assert one.frame.equals(other.frame)


@pytest.mark.parametrize("maximum", [2, 3, 19, 20, 89, 90, 91, 1000])
def test_the_page_size_adapts_to_the_server_s_maximum(maximum):
    """A server that gives less than asked still gives everyone."""
    with serving(**SMALL | {"maximum": maximum}) as sandbox:
        assert pull(connect(sandbox, page_size=500), backoff=FAST).frame.height == USERS


@pytest.mark.parametrize("users", [1, 2, 19, 20, 21, 39, 40])
def test_any_number_of_users_is_pulled(users):
    """The last page may be full, or hold one user."""
    with serving(users=users, accounts=3, maximum=20) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).frame.height == users


@pytest.mark.parametrize(
    ("account", "first"),
    [("Contoso GmbH", ["Account/_describe", "User/_describe"]), (None, ["Account", "User/_describe"])],
)
def test_meanwhile_runs_after_the_first_requests_are_sent(account, first):
    """Each of them is sent once."""
    calls: list[int] = []
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), account=account, meanwhile=lambda: calls.append(1))
    paths = [path.rpartition("v1/")[2] for path, _ in sandbox.site.asked]
    assert sorted(paths[:2]) == first
    assert sorted(path for path in paths if path.endswith("/_describe")) == ["Account/_describe", "User/_describe"]
    assert len(calls) == 1


def test_meanwhile_yields_to_the_pull():
    """Thread switches are more frequent until the pull is done."""
    usual, turns = sys.getswitchinterval(), list[float]()
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), account="Contoso GmbH", meanwhile=lambda: turns.append(sys.getswitchinterval()))
    assert turns[0] < usual / 5
    assert sys.getswitchinterval() == usual


def test_concurrency_is_used_but_not_exceeded():
    """As many requests in flight as the setting allows."""
    with serving(**SMALL, latency=0.02) as sandbox:
        pull(connect(sandbox, page_size=5, concurrency=3), backoff=FAST)
        assert sandbox.site.busiest == 3


def test_progress_has_users_and_their_number():
    """The last report says that all are read."""
    reports: list[Progress] = []
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), progress=reports.append, backoff=FAST)
    assert reports[0].of == USERS
    assert reports[-1].users == USERS
    assert reports[-1].seconds_left == 0


def test_a_pull_works_inside_a_running_event_loop():
    """A flow may call it from its own loop."""

    async def caller() -> int:
        return pull(connect(sandbox), backoff=FAST).frame.height

    with serving(**SMALL) as sandbox:
        assert asyncio.run(caller()) == USERS


def test_a_pull_without_a_tenant_proof_warns():
    """The notice names the setting."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox, proof=None), backoff=FAST)
    assert "PARTNER_CERTS_IMPARTNER_PROOF" in export.notices[0]


def test_a_tenant_without_users_is_refused():
    """Exit 3, as for an export without rows."""
    with serving(data=Tenant({7: "Contoso GmbH"})) as sandbox, pytest.raises(ExportRefused, match="no users"):
        pull(connect(sandbox), backoff=FAST)


# --- passing faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        "401:2",
        "401",
        "429:5",
        "429-retry-after:2",
        "500:5",
        "503:5",
        "drop:5",
        "truncated:5",
        "xml:5",
        "success-false:5",
        "403:1",
        "html:1",
        "redirect:1",
        "drift-count:1",
        "churn:1",
        "join:3",
        "repeat",
        "short",
        "slow:1",
        "no-accounts",
    ],
)
def test_a_passing_fault_is_retried(fault):
    """Everyone who exists at the end is there once."""
    with serving(**SMALL, faults=[fault]) as sandbox:
        export = pull(connect(sandbox), backoff=backoff_for(fault))
        assert export.frame["Email"].is_unique().all() or "New Somebody" in set(export.frame["Full Name"])
        assert set(export.frame["Email"]) == {user["Email"] for user in sandbox.data.users}
        assert export.frame.height == len(sandbox.data.users)


# --- permanent faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "requests", "message"),
    [
        ("401:always", 3, "PARTNER_CERTS_IMPARTNER_KEY"),
        ("403:always", 2, "permission"),
        ("html:always", 2, "web page"),
        ("redirect:always", 2, r"redirect \(302\)"),
        ("404:always", 1, "404"),
        ("success-false-request:always", 1, "does not understand"),
        ("500:always", 6, "500"),
        ("drop:always", 6, "broke off"),
        ("truncated:always", 6, "not one of the API"),
        ("xml:always", 6, "not one of the API"),
        ("success-false:always", 6, "says that it failed"),
        ("slow:always", 6, "in time"),
    ],
)
def test_a_permanent_fault_stops_after_the_promised_requests(fault, requests, message):
    """Exit 5 with the cause, and no user was requested."""
    with serving(**SMALL, faults=[fault]) as sandbox, pytest.raises(Unreachable, match=message) as stopped:
        pull(connect(sandbox, proof=None), backoff=backoff_for(fault))
    assert len(sandbox.site.asked) + (6 if fault.startswith("slow") else 0) >= requests
    assert len(sandbox.site.asked) <= requests
    assert stopped.value.exit_status == 5
    assert pages_asked(sandbox) == []


@pytest.mark.parametrize(("fault", "requests"), [("401:always", 3), ("403:always", 2), ("html:always", 2)])
def test_a_refused_key_is_not_tried_more_often_for_the_proof(fault, requests):
    """Fields and proof are requested together, and count as one until the key is accepted."""
    with serving(**SMALL, faults=[fault]) as sandbox, pytest.raises(Unreachable):
        pull(connect(sandbox), backoff=FAST)
    assert len(sandbox.site.asked) == requests


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("drift-count:always", "3 times in a row"),
        ("churn:always", "3 times in a row"),
        ("leave-out:always", "SA Verified"),
        ("wrong-tenant:always", "not the tenant"),
        ("missing-label:always", "'SA Verified' is missing.*'SA Verified On'.*'Sales Badged' is.*'Badge of Sales'"),
        ("twin-label:always", "'SA Verified' is the label of 2 fields.*SA_Verified__cf, SA_Verified_On__cf"),
    ],
)  # fmt: skip
def test_untrustworthy_users_are_exit_5(fault, message):
    """With the reason."""
    with serving(**SMALL, faults=[fault]) as sandbox, pytest.raises(Unreachable, match=message):
        pull(connect(sandbox), backoff=FAST)


@pytest.mark.parametrize("account", [None, "Contoso GmbH"])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("surrogate", r"damaged text .* in the field 'Full Name' of the user with the id \d+"),
        ("latin", r"damaged text .* in the field 'Full Name' of the user with the id \d+"),
        ("twin-keys", "the key 'SA_VERIFIED__cf' beside 'sA_Verified__cf'"),
        ("errors", "says that it failed"),
    ],
)
def test_a_damaged_object_is_named_and_nothing_is_kept(fault, message, account):
    """Exit 5, as the others may be damaged too."""
    with serving(**SMALL, faults=[f"{fault}:always"]) as sandbox, pytest.raises(Unreachable, match=message):
        pull(connect(sandbox), account=account, backoff=FAST)


def test_a_raw_control_character_is_text():
    """As in a file."""
    with serving(**SMALL, faults=["control:1"]) as sandbox:
        names = pull(connect(sandbox), backoff=FAST).frame["Full Name"]
    assert [name for name in names if name.startswith("\x01")]


def test_an_empty_field_is_reported():
    """The role may not read it, or it is the wrong field: hardly everybody lacks it."""
    with serving(**SMALL, faults=["empty-column:always"]) as sandbox:
        export = pull(connect(sandbox), backoff=FAST)
    assert export.empty_columns == ("Phone",)
    assert export.notices == (
        "The field 'Phone' is empty for all 90 users. "
        "Check that the key's role may read it, and that it is the right field",
    )
    with serving(users=49, accounts=5, faults=["empty-column:always"]) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).empty_columns == ()


def test_a_nul_is_refused_with_its_user_s_id():
    """The name is not shown."""
    with serving(**SMALL) as sandbox:
        user = sandbox.data.users[30]
        user["Phone"] = "0\x00"
        with pytest.raises(ExportRefused, match=rf"first of the user with the id {user['Id']} \(1 user\)") as refused:
            pull(connect(sandbox), backoff=FAST)
    assert [(fault.row, fault.user_id) for fault in refused.value.faults] == [(None, str(user["Id"]))]


def test_patience_limits_the_whole_pull():
    """The message has the last cause."""
    slow = Backoff(first=5, longest=20)
    with serving(**SMALL, faults=["503:always"]) as sandbox:
        stopped_by_patience(
            lambda patience: pull(connect(sandbox, patience=patience), backoff=slow), r"not done after.*\(503\)"
        )


# --- people who join and leave ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_users_who_stay_are_never_missed(seed, monkeypatch):
    """Others join and leave between pages, often with the same count."""
    from sources.sandbox import objects

    chance = random.Random(seed)  # noqa: S311  who joins or leaves is no secret
    stable = {user["Id"] for user in tenant(users=60, accounts=3).users}
    budget = [chance.randint(1, 4)]

    def live_on(_site, made: Tenant) -> None:
        if budget[0] and chance.random() < 0.4:
            budget[0] -= 1
            leaver = made.users.pop(chance.randrange(len(made.users)))
            stable.discard(leaver["Id"])
            if chance.random() < 0.8:
                made.users.append(leaver | {"Id": made.next_id(), "Email": f"new{made.next_id()}@example.org"})

    monkeypatch.setattr(objects, "live_on", live_on)
    with serving(users=60, accounts=3, maximum=8) as sandbox:
        emails = {user["Id"]: user["Email"] for user in sandbox.data.users}
        try:
            pulled = (
                pull(connect(sandbox, page_size=8, concurrency=2, proof=None), backoff=FAST).frame["Email"].to_list()
            )
        except Unreachable:
            pulled = [emails[key] for key in stable]  # a failed pull is fine too
    assert {emails[key] for key in stable} <= set(pulled)
    assert len(pulled) == len(set(pulled))


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["401", "403", "html", "redirect", "500", "drop", "truncated", "success-false"])
def test_neither_key_nor_people_are_leaked(fault, caplog):
    """Not in the message, the chained exceptions, or any log."""
    caplog.set_level(logging.DEBUG)
    with serving(**SMALL, faults=[f"{fault}:always"]) as sandbox, pytest.raises(Stop) as stopped:
        pull(connect(sandbox), backoff=FAST)
    shown = f"{stopped.value!r} {stopped.value} {connect(sandbox)!r} {caplog.text}"
    chain = stopped.value
    while chain is not None:
        shown += f"{chain!r} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    assert sandbox.key not in shown
    assert "account-" not in shown
    assert not any(user["Name"] in shown for user in sandbox.data.users)


def test_a_successful_pull_logs_no_names(caplog):
    """Request URLs contain the account's name, so they are not logged."""
    caplog.set_level(logging.DEBUG)
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), account="Contoso GmbH", backoff=FAST)
    assert "Contoso" not in caplog.text
    assert sandbox.key not in caplog.text
