"""One account is pulled completely, in three round trips, without users of other accounts."""

import gc
import unicodedata

import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import ExportRefused, Unreachable, WrongUsage
from sources.export import ACCOUNTS
from sources.impartner.pull import pull
from sources.sandbox import serving
from sources.sandbox.tenant import OWNERS
from tests.sources.impartner.pulling import FAST, SMALL, connect, round_trips


def users_of(sandbox, account_id):
    """The account's users in the sandbox."""
    return [user for user in sandbox.data.users if str(user["Account"]) == str(account_id)]


@pytest.mark.parametrize(
    "name", ["Northwind Traders", "  NORTHWIND traders ", "O'Brien \\ Partners", "شركة النور للتقنية"]
)
def test_one_account_is_pulled_by_name(name):
    """Only its users are requested; quotes in the name do no harm."""
    with serving(maximum=20) as sandbox:
        export = pull(connect(sandbox), account=name, backoff=FAST)
    assert len(set(export.frame[ACCOUNT_ID])) == 1
    assert {found.casefold() for found in export.frame[ACCOUNT_NAME]} == {name.strip().casefold()}
    expected = [u["Email"] for u in sandbox.data.users if u["AccountName"].casefold() == name.strip().casefold()]
    assert export.frame["Email"].to_list() == expected
    assert all("filter" in query for path, query in sandbox.site.asked if path.endswith("/User"))


def test_one_account_is_pulled_by_id():
    """The id is enough."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox), account=sandbox.proof[0], backoff=FAST)
    assert set(export.frame[ACCOUNT_NAME]) == {"Contoso GmbH"}


# --- round trips -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "primary"),
    [("Contoso GmbH", "of the account"), ("{id}", "of another account"), ("contoso gmbh", "nobody")],
)
def test_three_round_trips_are_enough(wanted, primary):
    """Whoever the primary user is; concurrent requests count as one."""
    with serving(users=90, accounts=12, latency=0.2) as sandbox:
        account_id = int(sandbox.proof[0])
        stranger = next(user for user in sandbox.data.users if user["Account"] != account_id)
        known = {"of the account": {}, "of another account": {"PrimaryUserId": stranger["Id"]}}
        sandbox.data.details[account_id] = known.get(primary, {"PrimaryUserId": None})
        with round_trips() as rounds:
            export = pull(connect(sandbox, page_size=500), account=wanted.format(id=account_id), backoff=FAST)
        assert max(rounds) == 3
    assert export.frame.height == len(users_of(sandbox, account_id))
    email = {"of the account": users_of(sandbox, account_id)[0]["Email"], "of another account": stranger["Email"]}
    assert export.accounts.rows(named=True) == [
        {
            "account_id": str(account_id),
            "account": "Contoso GmbH",
            "to": email.get(primary),
            "cc": OWNERS[account_id % 3],
            "tier": ("Registered", "Silver", "Gold")[account_id % 3],
        }
    ]


def test_a_role_without_accounts_takes_at_most_six_round_trips():
    """A notice tells of the role; its refusals are retried once."""
    with serving(users=90, accounts=12, faults=["no-accounts:always"], latency=0.2) as sandbox:
        with round_trips() as rounds:
            export = pull(connect(sandbox, page_size=500, proof=None), account="Contoso GmbH", backoff=FAST)
        assert max(rounds) <= 6
    assert export.accounts is None
    assert any("may not read accounts" in notice for notice in export.notices)
    assert export.frame.height == len(users_of(sandbox, sandbox.proof[0]))


@pytest.mark.parametrize("wanted", ["Contoso GmbH", "{id}"])
def test_an_unfilterable_name_is_found_in_the_list_of_accounts(wanted):
    """Users without an id are found among those without an account."""
    with serving(**SMALL, faults=["name-filter:always"]) as sandbox:
        own = users_of(sandbox, sandbox.proof[0])
        strangers = [user for user in sandbox.data.users if user not in own][:2]
        strangers[0] |= {"Account": None, "AccountName": "Contoso GmbH"}
        strangers[1] |= {"Account": None, "AccountName": None}
        export = pull(connect(sandbox), account=wanted.format(id=sandbox.proof[0]), backoff=FAST)
    assert export.frame.height == len(own) + 1
    assert export.frame[ACCOUNT_ID].null_count() == 1


# --- matching the account --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [" contoso \u00a0 gmbh", "Con\u200btoso GmbH", "CONTOSO\tGMBH"])
def test_odd_whitespace_in_a_name_is_ignored(typed):
    """As by every other command."""
    with serving(**SMALL) as sandbox:
        export = pull(connect(sandbox), account=typed, backoff=FAST)
    assert set(export.frame[ACCOUNT_NAME]) == {"Contoso GmbH"}


def test_a_name_in_another_unicode_form_is_found():
    """The server compares code points, so all names are searched."""
    decomposed = "A\u030angstro\u0308m AB"
    with serving() as sandbox:
        sandbox.data.users[0] |= {"AccountName": decomposed, "Account": 5}
        sandbox.data.users[:] = [u for u in sandbox.data.users if u["AccountName"] != "Ångström AB"]
        sandbox.data.accounts.clear()
        sandbox.data.accounts[5] = decomposed
        export = pull(connect(sandbox, proof=None), account="ångström ab", backoff=FAST)
    assert export.frame.height == 1


@pytest.mark.parametrize("faults", [[], ["no-accounts:always"]])
def test_an_unknown_account_gets_suggestions(faults, caplog):
    """Also if the role may not read accounts: several requests fail, one is reported."""
    with serving(faults=faults) as sandbox, pytest.raises(ExportRefused, match="'Northwind Traders'"):
        pull(connect(sandbox), account="Nordwind Traders", backoff=FAST)
    gc.collect()  # asyncio logs unretrieved exceptions when they are collected
    assert [record.name for record in caplog.records if record.name == "asyncio"] == []


@pytest.mark.parametrize("faults", [[], ["no-accounts:always"]])
def test_two_accounts_with_one_name_are_refused_with_their_ids(faults):
    """The id is the way out."""
    with serving(faults=faults) as sandbox:
        sandbox.data.accounts[77] = "contoso gmbh"
        sandbox.data.users[3] |= {"Account": 77, "AccountName": "contoso gmbh"}
        with pytest.raises(ExportRefused, match=r"could be one of 2 accounts: .*Give the id") as refused:
            pull(connect(sandbox), account="Contoso GmbH", backoff=FAST)
        assert f"{sandbox.proof[0]} (Contoso GmbH)" in str(refused.value)
        assert "77 (contoso gmbh)" in str(refused.value)
        assert pull(connect(sandbox), account="77", backoff=FAST).frame.height == 1


@pytest.mark.parametrize("faults", [[], ["no-accounts:always"]])
def test_an_id_that_is_another_account_s_name_is_refused_with_both_ids(faults):
    """Either could be meant."""
    with serving(faults=faults) as sandbox:
        sandbox.data.accounts[77] = sandbox.proof[0]
        sandbox.data.users[3] |= {"Account": 77, "AccountName": sandbox.proof[0]}
        with pytest.raises(ExportRefused, match=rf"could be one of 2 accounts: (?=.*{sandbox.proof[0]} \(C).*77"):
            pull(connect(sandbox), account=sandbox.proof[0], backoff=FAST)


def test_an_account_needs_a_name():
    """Blanks are none."""
    with serving(**SMALL) as sandbox, pytest.raises(WrongUsage, match="No account"):
        pull(connect(sandbox), account="  ", backoff=FAST)


def test_an_account_without_users_is_refused():
    """As an export without rows is."""
    with serving(**SMALL) as sandbox:
        sandbox.data.accounts[9] = "Empty Ltd"
        with pytest.raises(ExportRefused, match="'Empty Ltd', but no users"):
            pull(connect(sandbox, proof=None), account="empty ltd", backoff=FAST)


# --- the account of each user ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["Contoso GmbH", "{id}"])
@pytest.mark.parametrize("name", ["CONTOSO GMBH", "Contoso GmbH ", "\u00a0Contoso GmbH", "Contoso  GmbH"])
@pytest.mark.parametrize("lost_id", [None, 0])
def test_users_without_the_id_are_pulled_by_every_name(wanted, name, lost_id):
    """They hold the account back, as in a nightly run, as nobody knows whose they are."""
    with serving(**SMALL) as sandbox:
        own = users_of(sandbox, sandbox.proof[0])
        own[1]["AccountName"] = name  # one of several spellings
        stranger = next(user for user in sandbox.data.users if user not in own)
        stranger |= {"Account": lost_id, "AccountName": name}
        frame = pull(connect(sandbox), account=wanted.format(id=sandbox.proof[0]), backoff=FAST).frame
    assert frame.height == len(own) + 1
    assert frame.filter(frame[ACCOUNT_ID].is_null() | (frame[ACCOUNT_ID] == "0")).height == 1


@pytest.mark.parametrize("wanted", ["Contoso GmbH", "{id}"])
@pytest.mark.parametrize("name", ["Contoso Old", "Cafe\u0301"])
def test_so_are_users_under_the_id_s_other_names_without_accounts(wanted, name):
    """No name is known to be right, so these rows hold the account back."""
    with serving(**SMALL, faults=["no-accounts:always"]) as sandbox:
        own = users_of(sandbox, sandbox.proof[0])
        own[1]["AccountName"] = unicodedata.normalize("NFC", name)
        stranger = next(user for user in sandbox.data.users if user not in own)
        stranger |= {"Account": None, "AccountName": name}
        frame = pull(connect(sandbox), account=wanted.format(id=sandbox.proof[0]), backoff=FAST).frame
    assert frame.height == len(own) + 1
    assert frame[ACCOUNT_ID].null_count() == 1


@pytest.mark.parametrize("wanted", ["Contoso GmbH", "{id}"])
def test_a_user_with_a_wrong_account_name_is_exit_5(wanted):
    """Accounts have the right name; the users are pulled again first."""
    with serving(**SMALL) as sandbox:
        own = users_of(sandbox, sandbox.proof[0])
        own[1]["AccountName"] = "Contoso Old"
        with pytest.raises(Unreachable, match=r"3 times in a row \(1 user has the account .* as 'Contoso Old'"):
            pull(connect(sandbox), account=wanted.format(id=sandbox.proof[0]), backoff=FAST)


@pytest.mark.parametrize("other", [" Contoso GmbH", "Contoso GmbH\u00a0", "CONTOSO GMBH"])
def test_an_account_without_an_id_is_pulled_under_all_spellings(other):
    """Some are known by name only; the server's comparison decides."""
    with serving(**SMALL) as sandbox:
        own = users_of(sandbox, sandbox.proof[0])
        for user in own:
            user["Account"] = None
        own[0]["AccountName"] = other
        del sandbox.data.accounts[int(sandbox.proof[0])]
        export = pull(connect(sandbox, proof=None), account="contoso gmbh", backoff=FAST)
    assert export.frame.height == len(own) > 1
    assert export.accounts.columns == list(ACCOUNTS)
    assert export.accounts.is_empty()


def test_users_without_their_account_s_id_are_exit_5():
    """The account has an id, none of its users does: a wrong role or tenant."""
    with serving(**SMALL) as sandbox:
        for user in users_of(sandbox, sandbox.proof[0]):
            user["Account"] = None
        with pytest.raises(Unreachable, match="no account for any of"):
            pull(connect(sandbox, proof=None), account="Contoso GmbH", backoff=FAST)


def test_a_user_of_another_account_is_exit_5():
    """Every returned row is checked."""
    with serving(faults=["stray:always"]) as sandbox, pytest.raises(Unreachable, match="users of other accounts"):
        pull(connect(sandbox, proof=None), account=sandbox.proof[0], backoff=FAST)


def test_a_lenient_server_s_extra_matches_are_dropped(monkeypatch):
    """Some servers ignore accents, but Muller is not Müller."""
    from sources.sandbox import grammar

    def bare(value):
        return unicodedata.normalize("NFKD", value).encode("ascii", "ignore") if isinstance(value, str) else value

    monkeypatch.setattr(grammar, "_small", bare)
    with serving() as sandbox:
        sandbox.data.accounts[77] = "Müller GmbH"
        sandbox.data.accounts[78] = "Muller GmbH"
        sandbox.data.users[3] |= {"Account": 77, "AccountName": "Müller GmbH"}
        sandbox.data.users[5] |= {"Account": 78, "AccountName": "Muller GmbH"}
        frame = pull(connect(sandbox, proof=None), account="Müller GmbH", backoff=FAST).frame
    assert frame[ACCOUNT_ID].to_list() == ["77"]
