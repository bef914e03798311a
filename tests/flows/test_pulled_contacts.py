"""Recipients from Impartner: pulled, kept, and an alarm if changed since the last release."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cli.approval import offer_release
from exports.home import contacts, tiers
from exports.home.contacts import BY_HAND, PULLED
from exports.home.layout import Home
from exports.page.render import render
from flows.certify import Job, certify
from flows.mail.contacts import list_contacts
from flows.pulled_contacts import keep_accounts
from flows.reuse import certify_or_repeat
from flows.review.build import review
from flows.review.release import release
from flows.review.unattended import approve_unattended
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from sources.export import ACCOUNTS, Export
from sources.impartner.contacts import AT_ONCE, pull_contacts
from sources.sandbox import serving
from tests.flows.mail.homes import DAY
from tests.flows.review.folders import release_all
from tests.people import person
from tests.sources.impartner.pulling import FAST, connect

ANA, BO = "ana@contoso.example", "bo@contoso.example"


def accounts(**to: str | None) -> pl.DataFrame:
    """Accounts 1, 2 ... from name=recipient; each has a tier."""
    rows = [(str(place), name, who, None, "Gold") for place, (name, who) in enumerate(to.items(), start=1)]
    return pl.DataFrame(rows, dict.fromkeys(ACCOUNTS, pl.String), orient="row")


def pulled(known: pl.DataFrame | None, kind: Any = "nightly", city: str = "Bonn", **account: str) -> Job:
    """A pull of one account with Ana, and these accounts."""
    row = person("Ana", ANA, Mailing_City=city, **account)
    frame = pl.DataFrame({name: [row.get(name)] for name in (ACCOUNT_ID, ACCOUNT_NAME, *FIELDS)}, infer_schema_length=9)
    frame = frame.cast(pl.String).with_row_index("row", offset=2)
    export = Export(frame, "impartner", "sandbox", city * 9, user_ids=pl.Series(["7"]), accounts=known)
    return Job(kind, lambda: export, account="Contoso" if kind == "account" else None)


def alarms(home: Home) -> list[str]:
    """The recipient alarms of the newest run, which its accounts have too."""
    found = review(home)
    texts = [alarm["text"] for alarm in found["alarms"] if alarm["kind"] == "recipient"]
    of_accounts = [
        alarm["text"] for one in found["accounts"] for alarm in one["alarms"] if alarm["kind"] == "recipient"
    ]
    assert sorted(texts) == sorted(of_accounts)
    return texts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A pull is released in which mail for Contoso goes to Ana."""
    made = Home(tmp_path)
    certify_or_repeat(pulled(accounts(Contoso=ANA)), made)
    release_all(made, by="rev", reason="right", now=DAY)
    return made


CHANGED = f"Mail for Contoso would go to {BO} instead of {ANA}"


def test_a_changed_recipient_is_an_alarm_until_a_person_releases(home: Home) -> None:
    """Also for unchanged linked reports, and on the page; a policy is no person."""
    assert alarms(home) == []
    outcome = certify_or_repeat(pulled(accounts(Contoso=BO)), home)
    assert outcome.review
    assert outcome.review["totals"]["unchanged"] == 1
    assert alarms(home) == [CHANGED]
    assert outcome.run_dir
    assert (outcome.run_dir / "review.html").read_text().count(CHANGED) == 1
    assert CHANGED in render(review(home)).decode()
    certify_or_repeat(pulled(accounts(Contoso=BO), city="Cologne"), home)
    approve_unattended(home, "latest", "valid", DAY)
    release(home, now=DAY)
    assert alarms(home) == [CHANGED]
    certify_or_repeat(pulled(accounts(Contoso=BO), city="Dresden"), home)
    release_all(home, by="rev", reason="right", now=DAY)
    assert alarms(home) == []


def test_an_unchanged_account_shows_the_alarm_too(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """`account` prints it before the report's path."""
    offer_release(home, certify(pulled(accounts(Contoso=BO), "account"), home), [])
    *_, unchanged, alarm, path = capsys.readouterr().out.splitlines()
    assert unchanged == "Unchanged: Contoso has this report in ready/ already."
    assert (alarm, path) == (f"! {CHANGED}", str(home.ready / "certifications-contoso-1.csv"))


def test_a_change_after_the_run_was_not_reviewed(home: Home) -> None:
    """A pull of contacts before the release raises an alarm in the next review."""
    certify_or_repeat(pulled(accounts(Contoso=ANA), city="Cologne"), home)
    with home.writing():
        keep_accounts(home, accounts(Contoso=BO), every=True)
    release_all(home, by="rev", reason="right", now=DAY)
    assert alarms(home) == [CHANGED]


def test_no_recipient_is_a_change_and_a_manual_contact_overrides(home: Home) -> None:
    """By id or by name."""
    certify_or_repeat(pulled(accounts(Contoso=None)), home)
    assert alarms(home) == [f"Mail for Contoso would go to nobody instead of {ANA}"]
    for row in ("1,,x@y.example", ",contoso,x@y.example"):
        (home.root / BY_HAND).write_text(f"account_id,account,to\n{row}\n")
        assert alarms(home) == []
    (home.root / BY_HAND).write_bytes(b"broken\xff")
    assert len(alarms(home)) == 1


def test_a_gone_account_raises_no_recipient_alarm(home: Home) -> None:
    """It gets no mail."""
    certify_or_repeat(pulled(accounts(Contoso=None), city="Cologne", Account_ID="2", Account_Name="Fabrikam"), home)
    assert review(home)["totals"]["gone"] == 1
    assert alarms(home) == []


def test_a_pull_of_one_account_replaces_only_its_row(home: Home) -> None:
    """Even by none; tiers too. Without accounts everything stays."""
    with home.writing():
        keep_accounts(home, accounts(Contoso=ANA, Fabrikam="cy@fabrikam.example"), every=True)
    certify(pulled(accounts(Contoso=BO), "account"), home)
    rows = {row.account: row.to for row in contacts.read(home, PULLED)}
    assert rows == {"Contoso": BO, "Fabrikam": "cy@fabrikam.example"}
    certify(pulled(accounts(Contoso=None).with_columns(tier=None), "account"), home)
    assert [row.account for row in contacts.read(home, PULLED)] == ["Fabrikam"]
    assert tiers.read_given(home) == {"2": "Gold"}
    before = (home.root / PULLED).read_bytes()
    certify_or_repeat(pulled(None, city="Cologne"), home)
    assert (home.root / PULLED).read_bytes() == before
    assert (home.root / PULLED).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("to", ["a@x.example;b@y.example", "=cmd@x.example", "Ana <a@x.example>", "a@x\r\n,b", "+1@x"])
def test_an_invalid_address_is_one_fault(home: Home, to: str) -> None:
    """A field is one recipient, whatever it contains; it is to be corrected in Impartner."""
    with home.writing():
        keep_accounts(home, accounts(Contoso=to), every=True)
    (fault,) = list_contacts(home)["faults"][PULLED]
    assert (fault.row, fault.column, fault.account) == (2, "to", "Contoso")
    assert "in Impartner" in fault.remedy
    certify_or_repeat(pulled(accounts(Contoso=to), city="Cologne"), home)
    release_all(home, by="rev", reason="right", now=DAY)
    assert alarms(home) == []


def test_primary_users_are_pulled_in_batches() -> None:
    """A user who left is nobody; only these users are requested."""
    with serving(users=3 * AT_ONCE, accounts=AT_ONCE + 10) as sandbox:
        first, second = sorted(sandbox.data.accounts)[:2]
        stranger = next(user for user in sandbox.data.users if user["Account"] == second)
        sandbox.data.details = {first: {"PrimaryUserId": stranger["Id"]}, second: {"PrimaryUserId": 7}}
        found, notices = pull_contacts(connect(sandbox), FAST)
    assert found is not None
    assert (found.columns, found.height, notices) == ([*ACCOUNTS], AT_ONCE + 10, [])
    to = dict(found.select("account_id", "to").iter_rows())
    assert (to[str(first)], to[str(second)]) == (stranger["Email"], None)
    assert found["to"].null_count() == 1
    filters = [query["filter"] for path, query in sandbox.site.asked if "Email" in query.get("fields", "").split(",")]
    assert all(filter_.startswith("Id in (") for filter_ in filters)


def test_a_role_without_accounts_gets_a_notice() -> None:
    """Existing contacts stay."""
    with serving(users=30, accounts=5, faults=["no-accounts:always"]) as sandbox:
        found, notices = pull_contacts(connect(sandbox), FAST)
    assert found is None
    assert "may not read accounts" in notices[0]
