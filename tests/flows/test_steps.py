"""The stages: every fault, whose rows they are, and the tables beside the manifest."""

import hashlib
from pathlib import Path

import pytest

from exports.home.layout import Home
from flows.approvals import approve_and_release
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.errors import ExportRefused
from tests.exporting import certified, faults_of, files_of, run_dir
from tests.people import Row, person

OTHER = person("Cy", Account_ID="2", Account_Name="Fabrikam")
BOM = b"\xef\xbb\xbf"
Expected = tuple[str, str | None, int, str, str | None]


def one_fault(rows: list[Row], home: Path, expected: Expected) -> None:
    """Assert that the rows have only this fault, with rule and remedy, and that OTHER's account is written."""
    outcome = certified([*rows, OTHER], home)
    assert outcome.status == "held"
    columns = ("account", "account_id", "row", "column", "found")
    assert outcome.faults.select(columns).rows() == [expected]
    assert all(len(text) > 20 for text in outcome.faults.select("rule", "remedy").row(0))
    assert list(files_of(outcome)) == ["certifications-fabrikam-2.csv"]
    assert outcome.totals["rows_read"] == len(rows) + 1
    assert outcome.totals["people"] == outcome.totals["written"] == 1


@pytest.mark.parametrize("column", ["Account Activated", "Display on Partner Locator?", *FIELDS[10:]])
@pytest.mark.parametrize("cell", ["yes", "1", "X"])
def test_a_bad_flag_is_a_fault_never_a_blank(column: str, cell: str, tmp_path: Path) -> None:
    """In every flag column, under Impartner's name."""
    one_fault([person(), person("Bob", **{column: cell})], tmp_path, ("Contoso", "1", 3, column, cell))


@pytest.mark.parametrize("cell", ["", None, " ", "\t", "\u00a0", "\u2003\u3000", "\x85"])
def test_a_blank_address_is_a_fault(cell: str | None, tmp_path: Path) -> None:
    """White space of any kind is blank."""
    one_fault([person(Email=cell)], tmp_path, ("Contoso", "1", 2, "Email", cell))


@pytest.mark.parametrize("cell", ["ada@example.com", "ADA@EXAMPLE.COM", "\u00a0ada@example.com "])
def test_a_repeated_person_is_a_fault(cell: str, tmp_path: Path) -> None:
    """In each row but the first."""
    one_fault([person(), person("Bob", Email=cell)], tmp_path, ("Contoso", "1", 3, "Email", cell))


def test_a_row_without_an_account_is_a_fault(tmp_path: Path) -> None:
    """It counts as an account with a blank name."""
    one_fault([person(Account_ID=" ", Account_Name="")], tmp_path, ("", None, 2, ACCOUNT_NAME, ""))


def test_a_blank_id_with_a_known_name_is_a_fault(tmp_path: Path) -> None:
    """It holds every account of that name."""
    rows = [person(), person("Bob", Account_ID="", Account_Name=" CONTOSO")]
    one_fault(rows, tmp_path, ("CONTOSO", None, 3, ACCOUNT_ID, ""))


def test_accounts_with_one_file_name_are_held(tmp_path: Path) -> None:
    """Both."""
    outcome = certified([person(Account_ID="a"), person(Account_ID="A"), OTHER], tmp_path)
    assert faults_of(outcome) == [("Contoso", 2, ACCOUNT_NAME), ("Contoso", 3, ACCOUNT_NAME)]
    assert list(files_of(outcome)) == ["certifications-fabrikam-2.csv"]


def test_all_faults_of_a_file_are_found_at_once(tmp_path: Path) -> None:
    """So that it is corrected once."""
    rows = [
        person(Email="", SA_Verified="no"),
        person("Bob", PSE_Certified_2021="1"),
        person("Cy", Account_ID=None, Account_Name=None),
        person("Di", Account_ID="3", Account_Name="Gone"),
        person("Ed", Email="di@example.com", Account_ID="3", Account_Name="Gone"),
    ]
    outcome = certified(rows, tmp_path)
    assert faults_of(outcome) == [
        ("Contoso", 2, "Email"),
        ("Contoso", 2, "SA Verified"),
        ("Contoso", 3, "PSE Certified 2021"),
        ("", 4, ACCOUNT_NAME),
        ("Gone", 6, "Email"),
    ]
    assert files_of(outcome) == {}
    assert outcome.totals == {
        "accounts": 3, "written": 0, "held": 3, "people": 0, "rows_read": 5, "guarded_cells": 0
    }  # fmt: skip


def test_nightly_needs_an_account_column(tmp_path: Path) -> None:
    """Nothing is written, not even the home."""
    with pytest.raises(ExportRefused) as refused:
        certified([person()], tmp_path / "home", columns=FIELDS)
    assert [fault.column for fault in refused.value.faults] == [ACCOUNT_NAME]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("column", "file"), [(ACCOUNT_ID, "1-1"), (ACCOUNT_NAME, "contoso-e20852e7")])
def test_one_account_column_is_enough(column: str, file: str, tmp_path: Path) -> None:
    """The id replaces a missing name; the name is hashed for a missing id."""
    outcome = certified([person()], tmp_path, columns=(*FIELDS, column))
    assert list(files_of(outcome)) == [f"certifications-{file}.csv"]


def test_a_file_without_account_columns_is_the_given_account_s(tmp_path: Path) -> None:
    """Under the given name."""
    outcome = certified([person()], tmp_path, kind="account", account=" Zoë Ltd ", columns=FIELDS)
    (file,) = files_of(outcome)
    assert file == f"certifications-zoe-ltd-{hashlib.sha256('Zoë Ltd'.encode()).hexdigest()[:8]}.csv"
    assert outcome.manifest is not None
    assert outcome.manifest["reports"][0]["account"] == "Zoë Ltd"


@pytest.mark.parametrize("wanted", ["7", "acme ltd", "Acme Ltd"])
def test_a_file_without_account_columns_matches_a_ready_account(wanted: str, tmp_path: Path) -> None:
    """With its id and name, or it would be there twice."""
    ready = certified([person(Account_ID="7", Account_Name="Acme Ltd")], tmp_path)
    approve_and_release(Home(tmp_path), ready.run, "Jo")
    outcome = certified([person(Phone="1")], tmp_path, kind="account", account=wanted, columns=FIELDS)
    assert outcome.manifest is not None
    (report,) = outcome.manifest["reports"]
    assert (report["account"], report["account_id"], report["change"]) == ("Acme Ltd", "7", "changed")


def test_a_file_without_account_columns_needs_a_unique_name(tmp_path: Path) -> None:
    """Otherwise the ids are listed."""
    rows = [person(Account_ID=account_id, Account_Name="Twin") for account_id in ("1", "2")]
    approve_and_release(Home(tmp_path), certified(rows, tmp_path).run, "Jo")
    with pytest.raises(ExportRefused, match=r"could be one of 2 accounts: 1 \(Twin\), 2 \(Twin\)"):
        certified([person()], tmp_path, kind="account", account="twin", columns=FIELDS)


def test_faults_and_guarded_cells_are_written_like_reports(tmp_path: Path) -> None:
    """BOM, CRLF, quotes where needed, guarded."""
    rows = [
        person(Full_Name="=1+1", Mailing_City="@b,c"),
        person("Bob", Account_ID="2", Account_Name='=F, "G"', SA_Verified="=yes"),
        person("Cy", Account_ID="2", Account_Name='=F, "G"', SA_Verified="1\n2"),
        person("Di", Account_ID="2", Account_Name='=F, "G"', SA_Verified="+49 30", Full_Name="=not written"),
    ]
    folder = run_dir(certified(rows, tmp_path))
    rule = "A flag is True, False or blank"
    remedy = '"Set the field to True or False for this person in Impartner, then export again"'
    assert (folder / "faults.csv").read_bytes() == BOM + (
        "account,account_id,row,person,user_id,column,found,rule,remedy\r\n"
        f'"\'=F, ""G""",2,3,Bob <bob@example.com>,,SA Verified,\'=yes,"{rule}",{remedy}\r\n'
        f'"\'=F, ""G""",2,4,Cy <cy@example.com>,,SA Verified,"1\n2","{rule}",{remedy}\r\n'
        f'"\'=F, ""G""",2,5,\'=not written <di@example.com>,,SA Verified,+49 30,"{rule}",{remedy}\r\n'
    ).encode()
    assert (folder / "guarded.csv").read_bytes() == BOM + (
        b"account,account_id,row,column,cell\r\nContoso,1,2,Full Name,'=1+1\r\nContoso,1,2,Mailing City,\"'@b,c\"\r\n"
    )


def test_the_tables_have_the_run_s_profile(tmp_path: Path) -> None:
    """Semicolons in all or none."""
    folder = run_dir(certified([person(Phone="=1"), OTHER | {"Email": ""}], tmp_path, profile="eu"))
    assert (folder / "faults.csv").read_bytes().startswith(BOM + b"account;account_id;row;person;user_id;column;")
    assert (
        folder / "guarded.csv"
    ).read_bytes() == BOM + b"account;account_id;row;column;cell\r\nContoso;1;2;Phone;'=1\r\n"


def test_empty_tables_are_not_written(tmp_path: Path) -> None:
    """faults.csv and guarded.csv exist only if needed."""
    folder = run_dir(certified([person()], tmp_path))
    assert {path.name for path in folder.iterdir()} - {"review.html"} == {"manifest.json", "reports"}


def test_equal_guarded_addresses_still_have_an_order(tmp_path: Path) -> None:
    """=a@b is guarded to '=a@b: other cells break the tie, not the export's order."""
    people = [person(Email="'=a@b", Phone="1"), person(Email="=a@b", Phone="2", SA_Verified="True")]
    one, other = (certified(rows, tmp_path / str(len(rows[0]["Email"] or ""))) for rows in (people, people[::-1]))
    (report,), (again,) = files_of(one).values(), files_of(other).values()
    assert report == again
    assert report.count(b"'=a@b") == 2
