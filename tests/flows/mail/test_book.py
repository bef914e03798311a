"""Contacts: by hand over pulled ones, and what is wrong in one stops its draft."""

import hashlib
from pathlib import Path

import pytest

from exports.home.contacts import PULLED
from exports.home.layout import Home
from exports.reports.rows import cells, in_profile
from exports.reports.workbook import workbook
from tests.flows.mail.homes import ANA, contact, drafted, lines, mail_in, only, refusal_of, release_run
from tests.people import person


def test_a_partner_gets_its_contact_s_profile_and_workbook(home: Home) -> None:
    """The same cells in other bytes, recorded with their hashes."""
    contact(home, ("1001", "Contoso", ANA, "", "DE", "eu", "both"))
    mail = mail_in(only(drafted(home, "1001")))
    table, book = (part.get_payload(decode=True) for part in mail.iter_attachments())
    report = (home.ready / "certifications-contoso-1001.csv").read_bytes()
    assert table == in_profile(report, "eu") != report
    assert cells(table) == cells(report)
    assert book == workbook(report)
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "certifications_contoso_2026-11-22.csv",
        "certifications_contoso_2026-11-22.xlsx",
    ]
    assert mail["Subject"] == "Zertifizierungsbericht: Contoso, 2026-11-22"
    (line,) = lines(home, "drafted")
    hashes = [hashlib.sha256(data).hexdigest() for data in (table, book)]
    assert line["attachments"] == hashes
    assert line["attachment_sha256"] == hashes[0] != line["sha256"]


def test_a_manual_contact_overrides_the_pulled_one(home: Home) -> None:
    """As a whole row, including blanks."""
    contact(home, ("1001", "Contoso", ANA, "owner@vendor.example"), ("1002", "", "cy@fabrikam.example"), name=PULLED)
    contact(home, ("1001", "", "bo@contoso.example"))
    assert (mail_in(only(drafted(home, "1001")))["To"], drafted(home, "1001", again=True).made[0].draft.cc) == (
        "bo@contoso.example",
        [],
    )
    assert mail_in(only(drafted(home, "1002")))["To"] == "cy@fabrikam.example"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("1001", "Contoso", "ana at contoso"), "row 2, column to"),
        (("1001", "Contoso", ANA, "", "xx"), "row 2, column language"),
        (("1001", "Contoso", ANA, "", "", "us"), "row 2, column profile"),
        (("1001", "Contoso", ANA, "", "", "", "pdf"), "row 2, column attach"),
    ],
)
def test_a_fault_in_a_contact_refuses_its_draft(home: Home, row: tuple[str, ...], words: str) -> None:
    """Others are made; the value is shown to the user only."""
    contact(home, row, ("1002", "Fabrikam", "cy@fabrikam.example"))
    drafts = drafted(home, "1001", "1002")
    assert words in drafts.refused[0].why
    assert "Found" not in drafts.refused[0].plain
    assert drafts.made[0].row["account"] == "Fabrikam"


def test_two_contacts_of_one_account_are_a_fault(home: Home) -> None:
    """Either may be right."""
    contact(home, ("1001", "Contoso", ANA), ("1001", "Contoso", "bo@contoso.example"))
    assert "row 3, column account_id: An account has one row" in refusal_of(drafted(home, "1001"))


def test_a_contact_by_an_ambiguous_name_is_a_fault(tmp_path: Path) -> None:
    """A report must not go to a namesake."""
    home = Home(tmp_path / "home")
    release_run(home, {(account_id, "Contoso"): [person("Ana", ANA)] for account_id in ("1", "2")})
    contact(home, ("", "Contoso", ANA))
    assert "names one account only" in refusal_of(drafted(home, "1"))


def test_a_fault_names_its_file(home: Home) -> None:
    """There is a manual and a pulled one."""
    contact(home, ("1001", "Contoso", "a@x.example;b@x.example"), name=PULLED)
    assert refusal_of(drafted(home, "Contoso")).startswith("contacts.pulled.csv, row 2, column to: ")
    contact(home, ("1001", "Contoso", "nobody"))
    assert refusal_of(drafted(home, "Contoso")).startswith("contacts.csv, row 2, column to: ")
