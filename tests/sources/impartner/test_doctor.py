"""What `doctor` checks of Impartner: the finding, the remedy, and a nightly run's exit status."""

import pytest

from sources.impartner.doctor import examine
from sources.sandbox import serving
from sources.sandbox.tenant import Tenant
from tests.sources.impartner.pulling import FAST, SMALL, connect, pages_asked


def test_all_is_well():
    """Key, tenant, fields, accounts and a real page of users, one line each."""
    with serving(**SMALL) as sandbox:
        lines = examine(connect(sandbox), backoff=FAST)
        assert [(query["skip"], query["take"]) for query in pages_asked(sandbox)] == [("0", "20")]
    assert [(line.name, line.ok, line.remedy, line.status) for line in lines] == [
        ("Impartner key", True, "", 0),
        ("Impartner tenant", True, "", 0),
        ("Impartner fields", True, "", 0),
        ("Impartner accounts", True, "", 0),
        ("Impartner users", True, "", 0),
    ]
    assert "20 users" in lines[-1].found


@pytest.mark.parametrize(
    ("settings", "faults", "expected", "found", "status"),
    [
        ({}, ["401:always"], [False], "key is refused", 5),
        ({"proof": None}, [], [True, False, True, True, True], "not proved", 0),
        ({"proof": ("1", "Nobody")}, [], [True, False], "no account with that id", 5),
        ({}, ["missing-label:always"], [True, True, False], "13 of 15 labels found; 'SA Verified' is missing", 5),
        ({}, ["no-accounts:always"], [True, True, True, False, True], "may not read accounts", 0),
        ({}, ["account-unlisted:always"], [True, True, True, True, False], "not among the accounts", 5),
        ({}, ["account-null:always"], [True, False], "a user of another account", 5),
        ({"proof": None}, ["account-null:always"], [True, False, True, True, False], "not proved", 5),
        ({}, ["leave-out:always"], [True, True, True, True, False], "left out the field 'SA Verified'", 5),
        ({}, ["picklist-unknown:always"], [True, True, True, True, False], "as a number", 5),
        ({}, ["twin-keys:always"], [True, True, True, True, False], "beside", 5),
        ({}, ["surrogate:always"], [True, True, True, True, False], "damaged text", 5),
        ({}, ["firewall:always"], [False], "firewall", 5),
    ],
)
def test_problems_have_a_remedy_and_a_status(settings, faults, expected, found, status):
    """The status is that of a nightly run."""
    with serving(**SMALL, faults=faults) as sandbox:
        lines = examine(connect(sandbox, **settings), backoff=FAST)
    assert [line.ok for line in lines] == expected
    bad = [line for line in lines if not line.ok]
    assert found in bad[0].found
    assert all(line.remedy for line in bad)
    assert max(line.status for line in lines) == status


def test_a_refused_page_size_is_no_problem():
    """The page size is halved, as in a pull."""
    with serving(users=200, accounts=9, maximum=500, faults=["page-size:always"]) as sandbox:
        lines = examine(connect(sandbox, page_size=400), backoff=FAST)
    assert all(line.ok for line in lines)
    assert "100 users" in lines[-1].found


def test_a_tenant_without_users_is_a_problem():
    """There is nothing to report."""
    with serving(data=Tenant({7: "Contoso GmbH"})) as sandbox:
        lines = examine(connect(sandbox), backoff=FAST)
    assert lines[-1].found == "Impartner returned no users"
    assert lines[-1].status == 5
