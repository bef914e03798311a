"""A pull gives every user exactly once, or nothing, whatever the server does meanwhile."""

import asyncio
import gc
import logging
import random
import unicodedata

import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.errors import ExportRefused, Stop, Unreachable, WrongUsage
from sources.impartner import Connection, Progress, examine, pull
from sources.impartner.client import Backoff
from sources.sandbox import Sandbox, serving
from sources.sandbox.people import tenant
from sources.sandbox.tenant import Tenant

FAST = Backoff(first=0.01, longest=0.03, retry_after=0.05, answer=0.5)
USERS = 90
SMALL = {"users": USERS, "accounts": 12, "maximum": 20}


def connect(sandbox: Sandbox, **settings) -> Connection:
    """A connection to the sandbox, with its proof of tenant."""
    return Connection(**{"url": sandbox.url, "key": sandbox.key, "proof": sandbox.proof, "page_size": 20} | settings)


def pages_asked(sandbox: Sandbox) -> list[dict[str, str]]:
    """The queries that asked for people's names."""
    return [query for path, query in sandbox.site.asked if path.endswith("/User") and "Name" in query.get("fields", "")]


def test_all_users_come_in_the_order_of_their_ids_as_text_cells():
    """Columns, types, rows and their numbers are those of a downloaded file."""
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


def test_the_same_users_have_the_same_hash_however_they_were_paged():
    """Page size and concurrency do not show in the export."""
    with serving(**SMALL) as sandbox:
        one, other = (pull(connect(sandbox, page_size=size, concurrency=size), backoff=FAST) for size in (7, 20))
    assert one.sha256 == other.sha256
    assert one.frame.equals(other.frame)


@pytest.mark.parametrize("maximum", [2, 3, 19, 20, 89, 90, 91, 1000])
def test_the_page_size_adapts_to_what_the_server_gives(maximum):
    """A server that gives fewer than asked for still gives all."""
    with serving(**SMALL | {"maximum": maximum}) as sandbox:
        assert pull(connect(sandbox, page_size=500), backoff=FAST).frame.height == USERS


@pytest.mark.parametrize("users", [1, 2, 19, 20, 21, 39, 40])
def test_any_number_of_users_is_pulled_whole(users):
    """The last page may be full, or hold one user."""
    with serving(users=users, accounts=3, maximum=20) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).frame.height == users


def test_pages_are_in_flight_up_to_the_concurrency_and_no_more():
    """Never more requests at a time than the setting says, and no fewer when there is enough to ask."""
    with serving(**SMALL, latency=0.02) as sandbox:
        pull(connect(sandbox, page_size=5, concurrency=3), backoff=FAST)
        assert sandbox.site.busiest == 3


def test_progress_tells_users_and_their_number():
    """The last report says that all are there."""
    reports: list[Progress] = []
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), progress=reports.append, backoff=FAST)
    assert reports[0].of == USERS
    assert reports[-1].users == USERS
    assert reports[-1].seconds_left == 0


def test_a_pull_works_inside_of_a_running_event_loop():
    """A flow may call it from its own loop."""

    async def caller() -> int:
        return pull(connect(sandbox), backoff=FAST).frame.height

    with serving(**SMALL) as sandbox:
        assert asyncio.run(caller()) == USERS


def test_without_a_proof_of_tenant_the_pull_warns():
    """The notice says which setting is missing."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox, proof=None), backoff=FAST)
    assert "PARTNER_CERTS_IMPARTNER_PROOF" in export.notices[0]


def test_a_tenant_without_users_is_refused_as_an_export_without_rows():
    """No users is exit 3, not an empty report."""
    with serving(data=Tenant({7: "Contoso GmbH"})) as sandbox, pytest.raises(ExportRefused, match="no users"):
        pull(connect(sandbox), backoff=FAST)


# --- faults that pass ------------------------------------------------------------------------------------------------


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
def test_a_fault_that_passes_is_waited_for(fault):
    """All who exist at the end are there once."""
    with serving(**SMALL, faults=[fault]) as sandbox:
        export = pull(connect(sandbox), backoff=FAST)
        assert export.frame["Email"].is_unique().all() or "New Somebody" in set(export.frame["Full Name"])
        assert set(export.frame["Email"]) == {user["Email"] for user in sandbox.data.users}
        assert export.frame.height == len(sandbox.data.users)


# --- faults that stay ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "requests", "told"),
    [
        ("401:always", 3, "PARTNER_CERTS_IMPARTNER_KEY"),
        ("403:always", 2, "permission"),
        ("html:always", 2, "web page"),
        ("redirect:always", 2, "redirect 302"),
        ("404:always", 1, "404"),
        ("success-false-request:always", 1, "does not understand"),
        ("429:always", 6, "429"),
        ("429-retry-after:always", 6, "429"),
        ("500:always", 6, "500"),
        ("503:always", 6, "503"),
        ("drop:always", 6, "broke off"),
        ("truncated:always", 6, "not what the API gives"),
        ("xml:always", 6, "not what the API gives"),
        ("success-false:always", 6, "says that it failed"),
        ("slow:always", 6, "in time"),
    ],
)
def test_a_fault_that_stays_stops_after_as_many_requests_as_promised(fault, requests, told):
    """Exit 5 with what happened, and no user was asked for."""
    with serving(**SMALL, faults=[fault]) as sandbox, pytest.raises(Unreachable, match=told) as stopped:
        pull(connect(sandbox, proof=None), backoff=Backoff(0.01, 0.02, 0.02, answer=0.3))
    assert len(sandbox.site.asked) + (6 if fault.startswith("slow") else 0) >= requests
    assert len(sandbox.site.asked) <= requests
    assert stopped.value.exit_status == 5
    assert pages_asked(sandbox) == []


@pytest.mark.parametrize(("fault", "requests"), [("401:always", 3), ("403:always", 2), ("html:always", 2)])
def test_a_refused_key_is_not_tried_more_often_for_the_proof(fault, requests):
    """Fields and proof are asked for at one time, and count as one before the key is accepted."""
    with serving(**SMALL, faults=[fault]) as sandbox, pytest.raises(Unreachable):
        pull(connect(sandbox), backoff=FAST)
    assert len(sandbox.site.asked) == requests


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("drift-count:always", "3 times in a row"),
        ("churn:always", "3 times in a row"),
        ("leave-out:always", "SA Verified"),
        ("wrong-tenant:always", "not the tenant"),
        ("missing-label:always", "'SA Verified' is missing.*'SA Verified On'.*'Sales Badged' is.*'Badge of Sales'"),
        ("twin-label:always", "'SA Verified' is the label of 2 fields.*SA_Verified__cf, SA_Verified_On__cf"),
    ],
)  # fmt: skip
def test_what_can_not_be_trusted_is_nothing(fault, told):
    """Exit 5, and the message says why."""
    with serving(**SMALL, faults=[fault]) as sandbox, pytest.raises(Unreachable, match=told):
        pull(connect(sandbox), backoff=FAST)


def test_text_with_nul_is_refused_with_its_row():
    """The first row is told; the name is not."""
    with serving(**SMALL, faults=["nul:always"]) as sandbox, pytest.raises(ExportRefused, match="row 2") as refused:
        pull(connect(sandbox), backoff=FAST)
    assert refused.value.faults[0].row == 2


def test_the_wrong_tenant_is_found_before_any_user_is_read():
    """Only the account of the proof is asked for; expected and found are named."""
    with serving(**SMALL, tenant_id="12") as sandbox, pytest.raises(Unreachable, match="no account with that id"):
        pull(connect(sandbox, tenant="13"), backoff=FAST)
    assert not [path for path, _ in sandbox.site.asked if path.endswith("/User")]


def test_a_proof_with_another_name_fails():
    """The name counts, not only the id."""
    with serving(**SMALL) as sandbox, pytest.raises(Unreachable, match=r"'Somebody Else'.*'Contoso GmbH'"):
        pull(connect(sandbox, proof=(sandbox.proof[0], "Somebody Else")), backoff=FAST)


def test_patience_bounds_the_whole_pull_and_tells_the_last_cause():
    """A server that answers rubbish for hours is given up."""
    slow = Backoff(first=5, longest=20)
    with (
        serving(**SMALL, faults=["503:always"]) as sandbox,
        pytest.raises(Unreachable, match=r"not done after.*\(503\)"),
    ):
        pull(connect(sandbox, patience=0.3), backoff=slow)


def test_a_server_that_is_not_there_is_told_as_such():
    """After six tries, with the remedy."""
    with serving(**SMALL) as sandbox:
        gone = connect(sandbox)
    with pytest.raises(Unreachable, match="no connection"):
        pull(gone, backoff=FAST)


# --- who comes and goes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_who_exists_all_the_time_is_never_missed(seed, monkeypatch):
    """People come and go between any two pages, often with the same count; a pull that ends well has all others."""
    from sources.sandbox import objects

    chance = random.Random(seed)  # noqa: S311  which people come and go is no secret
    stable = {user["Id"] for user in tenant(users=60, accounts=3).users}
    budget = [chance.randint(1, 4)]

    def live_on(_site, made: Tenant) -> None:
        if budget[0] and chance.random() < 0.4:
            budget[0] -= 1
            goes = made.users.pop(chance.randrange(len(made.users)))
            stable.discard(goes["Id"])
            if chance.random() < 0.8:
                made.users.append(goes | {"Id": made.next_id(), "Email": f"new{made.next_id()}@example.org"})

    monkeypatch.setattr(objects, "live_on", live_on)
    with serving(users=60, accounts=3, maximum=8) as sandbox:
        emails = {user["Id"]: user["Email"] for user in sandbox.data.users}
        try:
            pulled = (
                pull(connect(sandbox, page_size=8, concurrency=2, proof=None), backoff=FAST).frame["Email"].to_list()
            )
        except Unreachable:
            pulled = [emails[key] for key in stable]  # nothing is a promised outcome, too
    assert {emails[key] for key in stable} <= set(pulled)
    assert len(pulled) == len(set(pulled))


# --- one account -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Northwind Traders", "  NORTHWIND traders ", "O'Brien \\ Partners", "شركة النور للتقنية"]
)
def test_one_account_is_asked_for_by_name(name):
    """Only its users are asked for, and quotes in names do no harm."""
    with serving(maximum=20) as sandbox:
        export = pull(connect(sandbox), account=name, backoff=FAST)
    assert len(set(export.frame[ACCOUNT_ID])) == 1
    assert {found.casefold() for found in export.frame[ACCOUNT_NAME]} == {name.strip().casefold()}
    expected = [u["Email"] for u in sandbox.data.users if u["AccountName"].casefold() == name.strip().casefold()]
    assert export.frame["Email"].to_list() == expected
    assert all("filter" in query for path, query in sandbox.site.asked if path.endswith("/User"))


def test_one_account_is_asked_for_by_id():
    """An id is enough."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox), account=sandbox.proof[0], backoff=FAST)
    assert set(export.frame[ACCOUNT_NAME]) == {"Contoso GmbH"}


def test_blanks_within_a_name_are_forgiven():
    """As for a file."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox), account=" contoso \u00a0 gmbh", backoff=FAST)
    assert set(export.frame[ACCOUNT_NAME]) == {"Contoso GmbH"}


def test_a_name_in_another_unicode_form_is_found():
    """The server compares code points; what it lacks is looked for among all names."""
    decomposed = "A\u030angstro\u0308m AB"
    with serving() as sandbox:
        sandbox.data.users[0]["AccountName"] = decomposed
        sandbox.data.users[0]["Account"] = 5
        sandbox.data.users[:] = [u for u in sandbox.data.users if u["AccountName"] != "Ångström AB"]
        sandbox.data.accounts.clear()
        sandbox.data.accounts[5] = decomposed
        export = pull(connect(sandbox, proof=None), account="ångström ab", backoff=FAST)
    assert export.frame.height == 1


@pytest.mark.parametrize("faults", [[], ["no-accounts:always"]])
def test_an_account_that_is_not_there_gives_near_names(faults, caplog):
    """Also when the key's role may not read accounts: then several pages fail at one time, and one is told of."""
    with serving(faults=faults) as sandbox, pytest.raises(ExportRefused, match="'Northwind Traders'"):
        pull(connect(sandbox), account="Nordwind Traders", backoff=FAST)
    gc.collect()  # asyncio complains of what nobody asked for when it is thrown away
    assert [record.name for record in caplog.records if record.name == "asyncio"] == []


def test_two_accounts_with_one_name_are_refused_with_their_ids():
    """Nobody can know which one is meant."""
    with serving() as sandbox:
        sandbox.data.users[3] |= {"Account": 77, "AccountName": "contoso gmbh"}
        with pytest.raises(ExportRefused, match=rf"several accounts.*{sandbox.proof[0]}.*77"):
            pull(connect(sandbox), account="Contoso GmbH", backoff=FAST)


@pytest.mark.parametrize("wanted", ["Contoso GmbH", "{id}"])
@pytest.mark.parametrize("name", ["CONTOSO GMBH", "Contoso Old", "Cafe\u0301", "Contoso GmbH ", "\u00a0Contoso GmbH"])
def test_users_who_lack_the_id_come_along_under_each_of_its_names(wanted, name):
    """They hold the account back, as they do in a nightly run: whose they are nobody knows."""
    with serving(**SMALL) as sandbox:
        own = [user for user in sandbox.data.users if str(user["Account"]) == sandbox.proof[0]]
        own[1]["AccountName"] = unicodedata.normalize("NFC", name)  # one of several names of the id
        stranger = next(user for user in sandbox.data.users if user not in own)
        stranger |= {"Account": None, "AccountName": name}
        connection = connect(sandbox)
        frame = pull(connection, account=wanted.format(id=sandbox.proof[0]), backoff=FAST).frame
    assert frame.height == len(own) + 1
    assert frame[ACCOUNT_ID].null_count() == 1


@pytest.mark.parametrize("other", [" Contoso GmbH", "Contoso GmbH\u00a0", "CONTOSO GMBH"])
def test_an_account_without_an_id_is_whole_however_its_name_is_spelt(other):
    """Some tenants have no ids; the server compares as it likes."""
    with serving(**SMALL) as sandbox:
        for user in sandbox.data.users:
            user["Account"] = None
        own = [user for user in sandbox.data.users if user["AccountName"] == "Contoso GmbH"]
        own[0]["AccountName"] = other
        frame = pull(connect(sandbox, proof=None), account="contoso gmbh", backoff=FAST).frame
    assert frame.height == len(own) > 1


def test_the_id_of_one_account_and_the_name_of_another_is_refused_with_both_ids():
    """Nobody can know which one is meant."""
    with serving() as sandbox:
        sandbox.data.users[3] |= {"Account": 77, "AccountName": sandbox.proof[0]}
        with pytest.raises(ExportRefused, match=rf"id of one.*name of another.*{sandbox.proof[0]}.*77"):
            pull(connect(sandbox), account=sandbox.proof[0], backoff=FAST)


def test_a_user_of_another_account_makes_the_answer_untrusted():
    """Every row that comes back is checked."""
    with serving(faults=["stray:always"]) as sandbox, pytest.raises(Unreachable, match="users of other accounts"):
        pull(connect(sandbox), account=sandbox.proof[0], backoff=FAST)


def test_an_account_without_users_is_refused_as_an_export_without_rows():
    """It is there, but there is nothing to report."""
    with serving(**SMALL) as sandbox:
        sandbox.data.accounts[9] = "Empty Ltd"
        with pytest.raises(ExportRefused, match="'Empty Ltd', but no users"):
            pull(connect(sandbox, proof=None), account="empty ltd", backoff=FAST)


@pytest.mark.parametrize(
    "variable",
    ["ALL_PROXY=socks5://127.0.0.1:9", "HTTPS_PROXY=::::bad", "HTTPS_PROXY=ftp://x:1", "SSL_CERT_FILE=/nonexistent"],
)
def test_what_the_environment_names_for_https_may_be_wrong(variable, monkeypatch):
    """It is wrong usage, and says which variables there are."""
    name, _, value = variable.partition("=")
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongUsage, match="unset HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE"):
        pull(Connection("https://127.0.0.1:9", "key"), backoff=FAST)


def test_a_connection_that_can_t_be_sealed_is_told():
    """Here because the server speaks plain http."""
    with serving(**SMALL) as sandbox, pytest.raises(Unreachable, match=r"\(TLS\).*trusts its certificate"):
        pull(connect(sandbox, url=sandbox.url.replace("http:", "https:"), proof=None), backoff=FAST)


def test_an_account_needs_a_name():
    """Blanks are no name."""
    with serving(**SMALL) as sandbox, pytest.raises(WrongUsage, match="No account"):
        pull(connect(sandbox), account="  ", backoff=FAST)


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["401", "403", "html", "redirect", "500", "drop", "truncated", "success-false"])
def test_neither_key_nor_people_are_told(fault, caplog):
    """Not in the message, not in what the exception hangs on, not in any log."""
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


def test_a_pull_that_ends_well_logs_no_names(caplog):
    """Addresses of requests hold the name of the account, so they are not logged."""
    caplog.set_level(logging.DEBUG)
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), account="Contoso GmbH", backoff=FAST)
    assert "Contoso" not in caplog.text
    assert sandbox.key not in caplog.text


# --- doctor ----------------------------------------------------------------------------------------------------------


def test_the_doctor_finds_all_well():
    """Key, tenant and fields, one line each."""
    with serving(**SMALL) as sandbox:
        lines = examine(connect(sandbox), backoff=FAST)
    assert [(line.name, line.ok, line.remedy) for line in lines] == [
        ("Impartner key", True, ""),
        ("Impartner tenant", True, ""),
        ("Impartner fields", True, ""),
    ]


@pytest.mark.parametrize(
    ("settings", "faults", "expected", "found"),
    [
        ({}, ["401:always"], [False], "key is refused"),
        ({"proof": None}, [], [True, False, True], "not proved"),
        ({"proof": ("1", "Nobody")}, [], [True, False], "no account with that id"),
        ({}, ["missing-label:always"], [True, True, False], "13 of 15 labels found; 'SA Verified' is missing"),
    ],
)
def test_the_doctor_says_what_to_do(settings, faults, expected, found):
    """A line that is not well has a remedy."""
    with serving(**SMALL, faults=faults) as sandbox:
        lines = examine(connect(sandbox, **settings), backoff=FAST)
    assert [line.ok for line in lines] == expected
    bad = next(line for line in lines if not line.ok)
    assert found in bad.found
    assert bad.remedy
