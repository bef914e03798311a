"""The accounts that users belong to are verified, not trusted."""

import pytest

from schemas.columns import ACCOUNT_ID
from schemas.errors import Unreachable
from sources.export import ACCOUNTS
from sources.impartner.accounts import UNREAD, accounts_of
from sources.impartner.backoff import MOST
from sources.impartner.fields import AccountFields
from sources.impartner.pull import pull
from sources.sandbox import serving
from sources.sandbox.tenant import OWNERS
from tests.sources.impartner.pulling import FAST, SMALL, connect, pages_asked


def test_accounts_have_primary_user_owner_and_tier():
    """One row per account, even without users."""
    with serving(**SMALL) as sandbox:
        sandbox.data.accounts[9] = "Empty Ltd"
        sandbox.data.details[9] = {"Account_Owner_Email__cf": None, "Partner_Tier__cf": None}
        accounts = pull(connect(sandbox), backoff=FAST).accounts
    assert accounts.columns == list(ACCOUNTS)
    assert accounts.row(0) == ("9", "Empty Ltd", None, None, None)
    first = next(user for user in sandbox.data.users if str(user["Account"]) == sandbox.proof[0])
    number = int(sandbox.proof[0]) % 3
    tier = ("Registered", "Silver", "Gold")[number]
    assert accounts.row(1) == (sandbox.proof[0], "Contoso GmbH", first["Email"], OWNERS[number], tier)
    assert accounts.height == 13


def test_a_single_page_of_accounts_is_requested_once():
    """Two requests: the proof and the list, which can't have changed within one response."""
    with serving(**SMALL) as sandbox:
        pull(connect(sandbox), backoff=FAST)
    asked = [(query["skip"], query["take"]) for path, query in sandbox.site.asked if path.endswith("/Account")]
    assert asked == [("0", "1"), ("0", "20")]


def test_several_pages_of_accounts_are_counted_again():
    """An account may be added or removed between two pages."""
    with serving(users=90, accounts=12, maximum=7) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).accounts.height == 12
    asked = [(query["skip"], query["take"]) for path, query in sandbox.site.asked if path.endswith("/Account")]
    assert asked == [("0", "1"), ("0", "20"), ("6", "6"), ("11", "2")]


def test_owner_and_tier_fields_are_settings():
    """Labels or API names; a missing field gives nulls."""
    with serving(**SMALL) as sandbox:
        by_name = pull(connect(sandbox, cc_field="account status", tier_field="Region"), backoff=FAST).accounts
        without = pull(connect(sandbox, cc_field="Nope", tier_field="Partner_Tier__cf"), backoff=FAST).accounts
    assert set(by_name["cc"]) == {"Active"}
    assert set(by_name["tier"]) <= {"1", "2", "3", "4"}
    assert without["cc"].null_count() == without.height
    assert set(without["tier"]) == {"Registered", "Silver", "Gold"}


def test_a_primary_user_who_left_is_null():
    """No other user takes the place."""
    with serving(**SMALL) as sandbox:
        sandbox.data.details[int(sandbox.proof[0])] = {"PrimaryUserId": 1}
        accounts = pull(connect(sandbox), backoff=FAST).accounts
    assert accounts.row(0)[2] is None


@pytest.mark.parametrize(
    ("row", "primary"),
    [
        ({"primaryuserid": 7}, 7),
        ({"primaryuserid": "7"}, 7),
        ({"primaryuser": {"id": 7, "name": "Ana"}}, 7),
        ({"primaryuser": 7}, 7),
        ({"primaryuserid": None}, None),
        ({"primaryuserid": 0}, None),
        ({"primaryuserid": True}, None),
        ({"primaryuserid": [7]}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("name", ["PrimaryUser", "PrimaryUserId"])
def test_a_reference_is_read_in_every_shape(row, primary, name):
    """An unknown shape means nobody: no recipient is better than a wrong one."""
    frame = accounts_of([{"id": 5, "name": "Contoso", **row}], AccountFields(primary_user=name))
    assert frame["__primary"].to_list() == [primary]


# --- the accounts of users -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("account-missing", "left out the account of some users"),
        ("account-shape", "'Account' in an unknown shape"),
        ("account-null", "no account for any of 90 users"),
        ("account-unlisted", "3 times in a row .*not among the accounts"),
        ("account-renamed", "3 times in a row .* which is .Former"),
    ],
)
def test_untrustworthy_accounts_are_exit_5(fault, message):
    """Nothing is kept, and the message names no person."""
    with serving(**SMALL, faults=[f"{fault}:always"]) as sandbox, pytest.raises(Unreachable, match=message) as stopped:
        pull(connect(sandbox, proof=None), backoff=FAST)
    assert stopped.value.exit_status == 5
    assert not any(user["Name"] in str(stopped.value) for user in sandbox.data.users)


@pytest.mark.parametrize("fault", ["account-unlisted:1", "account-renamed:1"])
def test_a_passing_mismatch_is_resolved_by_pulling_again(fault):
    """An account may be added or renamed during the pull."""
    with serving(**SMALL, faults=[fault]) as sandbox:
        assert pull(connect(sandbox), backoff=FAST).frame.height == 90


@pytest.mark.parametrize("blank", [0, "", " ", "0", "N/A"])
def test_a_placeholder_account_is_kept_as_a_cell(blank):
    """It is a fault of its row, as in a file, not a reason to stop."""
    with serving(**SMALL) as sandbox:
        sandbox.data.users[50]["Account"] = blank
        frame = pull(connect(sandbox), backoff=FAST).frame
    assert frame[ACCOUNT_ID][50] == str(blank)


@pytest.mark.parametrize("name", ["contoso  gmbh", "CONTOSO GMBH\u200b", None])
def test_an_equivalent_or_missing_name_matches(name):
    """Names are compared as everywhere else."""
    with serving(**SMALL) as sandbox:
        user = next(user for user in sandbox.data.users if str(user["Account"]) == sandbox.proof[0])
        sandbox.data.users[sandbox.data.users.index(user)] = user | {"AccountName": name}
        assert pull(connect(sandbox, proof=None), backoff=FAST).frame.height == 90


@pytest.mark.parametrize("fault", ["no-accounts", "no-accounts-401", "no-accounts-404", "no-accounts-false"])
@pytest.mark.parametrize("account", [None, "Contoso GmbH"])
def test_a_role_that_may_not_read_accounts_does_without(fault, account):
    """The tenant is proved on a user, and a notice says so."""
    with serving(**SMALL, faults=[f"{fault}:always"]) as sandbox:
        export = pull(connect(sandbox), account=account, backoff=FAST)
        asked = [path for path, _ in sandbox.site.asked if "/Account" in path]
        assert len(asked) <= MOST + 2  # the first one as often as may be, later ones once
        stranger = connect(sandbox, proof=(sandbox.proof[0], "Somebody Else"))
        with pytest.raises(Unreachable, match=r"'Somebody Else'.*'Contoso GmbH'"):
            pull(stranger, account=account, backoff=FAST)
    assert export.accounts is None
    assert export.notices == (UNREAD,)


# --- tenant proof ----------------------------------------------------------------------------------------------------


def test_the_wrong_tenant_is_detected_before_users_are_read():
    """Only the proof's account is requested."""
    with serving(**SMALL, tenant_id="12") as sandbox, pytest.raises(Unreachable, match="no account with that id"):
        pull(connect(sandbox, tenant="13"), backoff=FAST)
    assert not [path for path, _ in sandbox.site.asked if path.endswith("/User")]


@pytest.mark.parametrize("account", [None, "Contoso GmbH"])
def test_a_proof_with_another_name_fails(account):
    """The id alone is not enough; the message has both names."""
    with serving(**SMALL) as sandbox, pytest.raises(Unreachable, match=r"'Somebody Else'.*'Contoso GmbH'"):
        pull(connect(sandbox, proof=(sandbox.proof[0], "Somebody Else")), account=account, backoff=FAST)
    assert account or pages_asked(sandbox) == []


@pytest.mark.parametrize("account", [None, "Contoso GmbH"])
def test_an_account_without_users_proves_nothing(account):
    """The account exists, but the proof is about users."""
    with serving(**SMALL) as sandbox:
        sandbox.data.accounts[9] = "Empty Ltd"
        with pytest.raises(Unreachable, match=r"found no user of it.*names an account that has users"):
            pull(connect(sandbox, proof=("9", "Empty Ltd")), account=account, backoff=FAST)


@pytest.mark.parametrize("account", [None, "Northwind Traders"])
def test_a_proof_with_another_account_s_users_fails(account):
    """Accounts may be of the right tenant and users of another."""
    message = "a user of another account"
    with serving(**SMALL, faults=["stray:always"]) as sandbox, pytest.raises(Unreachable, match=message):
        pull(connect(sandbox), account=account, backoff=FAST)
