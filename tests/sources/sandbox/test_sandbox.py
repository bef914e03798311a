"""The sandbox answers as the real Impartner does, and its data is invented, varied and reproducible."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

import pytest

from sources.sandbox import KINDS, serving
from sources.sandbox.faults import Faults
from sources.sandbox.people import tenant
from sources.sandbox.tenant import COURSES


@pytest.fixture(scope="module")
def sandbox():
    """One server for this file."""
    with serving(maximum=50, tenant_id="12") as running:
        yield running


def ask(sandbox, path, body=None, key=None, tenant_id=None, **query):
    """Status and JSON of one request."""
    address = f"{sandbox.url}/api/objects/v1/{path}?{urllib.parse.urlencode(query)}"
    headers = {"Authorization": f"prm-key {key or sandbox.key}"} | ({"X-PRM-TenantId": tenant_id} if tenant_id else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as answer:  # noqa: S310  loopback
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def results(sandbox, **query):
    """The objects of one page of users."""
    return ask(sandbox, "User", **query)[1]["data"]["results"]


def test_the_envelope_has_count_entity_and_results(sandbox):
    """Ten users by default, and only ids unless fields are named."""
    status, envelope = ask(sandbox, "User")
    assert status == 200
    assert envelope["success"] is True
    assert envelope["data"]["count"] == 700
    assert envelope["data"]["entity"] == "User"
    assert [set(row) for row in envelope["data"]["results"]] == [{"id"}] * 10


def test_a_page_is_limited_to_the_maximum(sandbox):
    """Whatever `take` says."""
    assert len(results(sandbox, take=500)) == 50
    assert len(results(sandbox, take=500, skip=690)) == 10


def test_keys_are_in_camel_case(sandbox):
    """As .NET writes them."""
    asked = "SA_Verified__cf,PSE_Certified_2020__cf,Account,AccountName,Account.Name,PartnerLocator"
    row = results(sandbox, fields=asked, take=1)[0]
    assert set(row) == {
        "id", "sA_Verified__cf", "psE_Certified_2020__cf", "accountId", "accountName", "account", "partnerLocator",
    }  # fmt: skip
    assert row["account"] == {"name": row["accountName"]}


@pytest.mark.parametrize(
    "filter_",
    [
        "Account = {id}",
        "AccountName = 'contoso gmbh'",
        "Account.Name like 'Contoso%'",
        "AccountName in ('x','Contoso GmbH')",
        "(Account = {id} or Account = 1) and Id > 0",
        "Account = {id} and Name != null",
        "Account >= {id} and Account <= {id}",
    ],
)
def test_filters_select_an_account_s_users(sandbox, filter_):
    """In every way to say it."""
    account_id, name = sandbox.proof
    rows = results(sandbox, filter=filter_.format(id=account_id), fields="AccountName", take=50)
    assert {row["accountName"] for row in rows} == {name}


def test_a_post_is_a_search(sandbox):
    """With the query in its body."""
    body = {"filter": "IsActive = true", "fields": ["Id"], "orderBy": [{"field": "Id", "direction": "desc"}], "take": 2}
    rows = ask(sandbox, "User", body)[1]["data"]["results"]
    assert rows[0]["id"] > rows[1]["id"]


@pytest.mark.parametrize("query", [{"fields": "Nope"}, {"filter": "Nope = 1"}, {"filter": "Id ="}, {"take": "x"}])
def test_an_invalid_query_is_an_error(sandbox, query):
    """With success: false."""
    status, envelope = ask(sandbox, "User", **query)
    assert status == 400
    assert envelope["success"] is False


def test_a_wrong_key_is_401(sandbox):
    """Without data."""
    status, envelope = ask(sandbox, "User", key="another")
    assert status == 401
    assert "data" not in envelope


def test_another_tenant_gets_another_company_s_data(sandbox):
    """In an ordinary answer: the trap that the tenant proof is for."""
    status, envelope = ask(sandbox, "User", tenant_id="13")
    assert status == 200
    assert envelope["data"]["count"] == 60


def test_describe_gives_names_and_labels(sandbox):
    """`data` is the list itself."""
    described = ask(sandbox, "User/_describe")[1]["data"]
    assert {"name": "PartnerLocator", "display": "Display on Partner Locator?"}.items() <= described[10].items()


def test_the_data_is_reproducible_and_undeliverable():
    """Forty accounts and seven hundred people; no address exists."""
    data = tenant()
    assert data == tenant()
    assert len(data.accounts) == 40
    assert len(data.users) == 700
    assert len({user["Account"] for user in data.users}) == 40
    assert all(user["Email"].endswith(".example") for user in data.users)
    assert [user["Id"] for user in data.users] == sorted({user["Id"] for user in data.users})


def test_one_account_has_a_fault():
    """A flag that is neither true nor false, so that a demo shows a held account."""
    flags = Counter(str(user[course]) for user in tenant().users for course in COURSES)
    assert set(flags) == {"True", "False", "None", "in progress"}
    assert flags["in progress"] == 1


def test_the_second_day_has_changes():
    """People join, leave, gain and lose courses; one account is new, one is gone."""
    before, after = tenant(), tenant(day=2)
    assert len(set(before.accounts) - set(after.accounts)) == 1
    assert len(set(after.accounts) - set(before.accounts)) == 1
    old = {user["Id"]: user for user in before.users}
    new = {user["Id"]: user for user in after.users}
    assert set(old) - set(new)
    assert set(new) - set(old)
    changes = Counter(
        (name, bool(new[key][name]) and not old[key][name])
        for key in set(old) & set(new)
        for name in new[key]
        if new[key][name] != old[key][name]
    )
    assert sum(count for (name, gained), count in changes.items() if name in COURSES and gained) >= 5
    assert sum(count for (name, gained), count in changes.items() if name in COURSES and not gained) >= 1
    assert sum(count for (name, _), count in changes.items() if name == "Phone") >= 3


def test_faults_occur_as_often_as_configured():
    """Every third time, the first times, or always."""
    faults = Faults(["401", "500:2", "drop:always"])
    assert [faults.strikes("401") for _ in range(6)] == [False, False, True] * 2
    assert [faults.strikes("500") for _ in range(4)] == [True, True, False, False]
    assert [faults.strikes("drop") for _ in range(3)] == [True] * 3
    assert not faults.strikes("html")


@pytest.mark.parametrize("named", ["nope", "401:x", "401:-1", ":always"])
def test_an_unknown_fault_is_refused(named):
    """The message lists the known ones."""
    with pytest.raises(ValueError, match=next(iter(KINDS))):
        Faults([named])


def test_as_a_process_it_serves_until_sigterm():
    """It prints its URL, logs nothing, and ends without a traceback."""
    code = "from sources.sandbox import serve; serve(users=20, started=lambda it: print(it.url, flush=True))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=240)
    assert errors == ""
    assert process.returncode in (0, -signal.SIGTERM)
