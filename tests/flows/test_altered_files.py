"""Files altered by a spreadsheet program, and users without an account: who is held, and who is blamed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cli.run_output import outcome_json
from exports.home.layout import Home
from flows.certify import Job, Outcome, certify
from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.export import Export
from tests.exporting import certified, export_of, files_of
from tests.people import Row, person

ANNA = person("Anna", Account_ID="1001", Account_Name="Contoso GmbH")
CHLOE = person("Chloe", Account_ID="1002", Account_Name="Fabrikam SA")
OTHER = person("Ola", Account_ID="1003", Account_Name="Tailspin")
Cell = tuple[int, str]


def faults(outcome: Outcome) -> list[Cell]:
    """Row and column of each fault."""
    return outcome.faults.select("row", "column").rows()


def reports(outcome: Outcome) -> list[str]:
    """The names of the written reports."""
    return sorted(files_of(outcome))


@pytest.mark.parametrize(
    "account_id", ["1.23457E+11", "1,23457E+11", "#N/A", "#NV", "0", "N/A", "-", "NULL", "1295686.0", "1,295,686", "'7"]
)
def test_an_invalid_id_shared_by_two_companies_holds_both(account_id: str, tmp_path: Path) -> None:
    """Each row is a fault; other accounts are written."""
    rows = [ANNA | {"Account ID": account_id}, CHLOE | {"Account ID": account_id}, CHLOE, OTHER]
    outcome = certified(rows, tmp_path)
    assert faults(outcome) == [(2, "Account ID"), (3, "Account ID")]
    assert reports(outcome) == ["certifications-tailspin-1003.csv"]
    assert outcome.totals["rows_read"] == 4
    assert outcome.totals["people"] == 1


def test_an_id_with_people_of_two_companies_is_held(tmp_path: Path) -> None:
    """As after one column was sorted or filled down."""
    outcome = certified([ANNA, ANNA | {"Email": "b@x"}, CHLOE | {"Account ID": "1001"}, OTHER], tmp_path)
    assert faults(outcome) == [(4, "Account Name")]
    assert reports(outcome) == ["certifications-tailspin-1003.csv"]


def test_a_group_that_names_its_account_once_is_held(tmp_path: Path) -> None:
    """The unnamed rows may belong to the account above or below."""
    blank = {"Account ID": None, "Account Name": " "}
    rows = [ANNA, person("Bo") | blank, person("Cy") | blank, CHLOE, OTHER]
    outcome = certified(rows, tmp_path)
    assert faults(outcome) == [(3, "Account Name"), (4, "Account Name")]
    assert reports(outcome) == ["certifications-tailspin-1003.csv"]
    assert outcome.manifest is not None
    held = {one["account"]: one["faults"] for one in outcome.manifest["held"]}
    assert held == {"": 2, "Contoso GmbH": 2, "Fabrikam SA": 2}


def test_one_account_of_a_grouped_file_includes_adjacent_unnamed_rows(tmp_path: Path) -> None:
    """Not those of other groups."""
    blank = {"Account ID": None, "Account Name": None}
    rows = [ANNA, person("Bo") | blank, CHLOE, OTHER, person("Di") | blank]
    for wanted, expected in {
        "Contoso GmbH": [(3, "Account Name")],
        "1002": [(3, "Account Name")],
        "1003": [(6, "Account Name")],
    }.items():
        outcome = certified(rows, tmp_path, kind="account", account=wanted)
        assert faults(outcome) == expected
        assert outcome.totals["rows_read"] == 2


def test_names_that_look_the_same_are_one_account(tmp_path: Path) -> None:
    """Without ids: other blanks, zero-width characters, letter case."""
    names = ("Contoso GmbH", "CONTOSO GMBH", "Contoso\u00a0GmbH", "Contoso  GmbH", "Contoso GmbH\u200b")
    rows = [person(f"P{place}", Account_ID="", Account_Name=name) for place, name in enumerate(names)]
    outcome = certified(rows, tmp_path)
    assert outcome.totals["accounts"] == outcome.totals["written"] == 1
    assert outcome.totals["people"] == 5


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *(("Full Name", "#NAME?"), ("Mailing City", "####"), ("Full Name", "J\ufffdrgen"), ("Phone", "4,92E+11")),
        *(("Phone", "#ERROR!"), ("SA Verified", "WAHR"), ("SA Verified", "#N/A"), ("Mailing State", "Err:502")),
    ],
)
def test_the_right_program_is_blamed(column: str, cell: str, tmp_path: Path) -> None:
    """A file may have been altered on the way, a pull can't."""
    rows = [ANNA | {column: cell}]
    (file,) = certified(rows, tmp_path / "file").faults["remedy"]
    (pull,) = pulled(rows, tmp_path / "pull").faults["remedy"]
    assert "use the file as Impartner gave it" in file
    assert "in Impartner" in pull
    assert "file" not in pull


@pytest.mark.parametrize("address", ["n/a", "mailto:ana@x", "ana@x;bo@x", "Ana <ana@x>", "ana@x\u200b"])
def test_an_invalid_email_is_a_fault(address: str, tmp_path: Path) -> None:
    """The person is identified by name."""
    outcome = certified([ANNA | {"Email": address}, OTHER], tmp_path)
    assert outcome.faults.select("row", "column", "found", "person").rows() == [(2, "Email", address, "Anna")]
    assert "in Impartner" in outcome.faults["remedy"][0]


def test_a_cell_has_only_one_fault(tmp_path: Path) -> None:
    """An error value as e-mail is also invalid and repeated."""
    outcome = certified([ANNA | {"Email": "#N/A"}, CHLOE, ANNA | {"Email": "#N/A"}], tmp_path)
    assert faults(outcome) == [(2, "Email"), (4, "Email")]
    assert set(outcome.faults["rule"]) == {"A cell is not an error value of a spreadsheet"}


@pytest.mark.parametrize(
    ("cells", "who"),
    [
        ({}, "Anna <anna@example.com>"),
        ({"Full Name": " "}, "anna@example.com"),
        ({"Full Name": "#REF!"}, "anna@example.com"),
        ({"Email": ""}, "Anna"),
        ({"Full Name": None, "Email": " "}, None),
    ],
)
def test_a_fault_identifies_its_person(cells: Mapping[str, str | None], who: str | None, tmp_path: Path) -> None:
    """As far as name and e-mail are valid."""
    outcome = certified([ANNA | {"SA Verified": "no"} | cells], tmp_path)
    assert set(outcome.faults["person"]) == {who}
    assert set(outcome.faults["user_id"]) == {None}


def test_a_fault_in_a_pull_has_the_user_s_id_and_no_row(tmp_path: Path) -> None:
    """Users without an account hold no other account."""
    nobody = person("Bo", Account_ID=None, Account_Name=None)
    outcome = pulled([ANNA, nobody, CHLOE | {"SA Verified": "no"}, OTHER], tmp_path)
    assert outcome.faults.select("row", "user_id", "column").rows() == [
        (None, "501", "Account Name"),
        (None, "502", "SA Verified"),
    ]
    assert reports(outcome) == ["certifications-contoso-gmbh-1001.csv", "certifications-tailspin-1003.csv"]
    alone = pulled([ANNA, CHLOE | {"SA Verified": "no"}], tmp_path, account="1002")
    assert alone.faults["user_id"].to_list() == ["501"]


def test_faults_and_notices_in_json(tmp_path: Path) -> None:
    """In the contract's order."""
    parsed = outcome_json(pulled([ANNA | {"SA Verified": "no"}], tmp_path))
    (fault,) = json.loads(json.dumps(parsed))["faults"]
    assert list(fault) == ["account", "row", "person", "user_id", "column", "found", "rule", "remedy"]
    assert (fault["row"], fault["user_id"], fault["person"]) == (None, "500", "Anna <anna@example.com>")
    assert parsed["notices"] == ["The tenant was not proved"]


def test_a_refusal_keeps_the_notices(tmp_path: Path) -> None:
    """Such as an assumed encoding, which may be the cause."""
    export = replace(export_of([ANNA], FIELDS), notices=("Read as windows-1252",))
    with pytest.raises(ExportRefused) as refused:
        certify(Job("nightly", lambda: export), Home(tmp_path))
    assert refused.value.notices == ("Read as windows-1252",)


def test_lost_letters_are_searched_unless_the_source_ruled_them_out(tmp_path: Path) -> None:
    """Which saves a tenth of a second for a million rows."""
    export = export_of([ANNA | {"Mailing City": "K\ufffdln"}])
    for all_letters, expected in ((False, [(2, "Mailing City")]), (True, [])):
        proved = replace(export, all_letters=all_letters)
        assert faults(certify(Job("nightly", lambda: proved), Home(tmp_path / str(all_letters)))) == expected  # noqa: B023  called at once


def pulled(rows: list[Row], home: Path, account: str | None = None) -> Outcome:
    """Certify a pull of these users, whose ids start at 500."""
    ids = pl.Series([str(500 + place) for place in range(len(rows))])
    frame = export_of(rows).frame
    export = Export(frame, "impartner", "https://x", "1" * 64, ("The tenant was not proved",), user_ids=ids)
    kind = "nightly" if account is None else "account"
    return certify(Job(kind, lambda: export, account=account), Home(home))  # type: ignore[arg-type]  # a Kind
