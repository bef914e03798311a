"""The table against an independent copy of the procedure's words."""

import pytest

from schemas import columns

HEADINGS = (
    "Full Name",
    "Email",
    "Mailing Street",
    "Mailing City",
    "Mailing State",
    "Mailing Country",
    "Phone",
    "Account Activated",
    "Display on Partner Locator?",
    "Administrative Privileges",
    "Solution Architect Core Training",
    "Sales Core Training",
    "Sales Professional Accreditation",
    "PSE Certified 2020",
    "PSE Certified 2021",
)
FIELDS = (*HEADINGS[:10], "SA Verified", "Sales Badged", "Sales Certified", "PSE Certified 2020", "PSE Certified 2021")


def test_the_report_has_fifteen_headings_in_order() -> None:
    """As partners see them."""
    assert columns.HEADINGS == HEADINGS


def test_impartner_s_fifteen_fields_in_order() -> None:
    """As the field picker shows them."""
    assert columns.FIELDS == FIELDS


def test_three_fields_are_renamed_to_courses() -> None:
    """No other column is renamed."""
    assert columns.RENAMES == {
        "SA Verified": "Solution Architect Core Training",
        "Sales Badged": "Sales Core Training",
        "Sales Certified": "Sales Professional Accreditation",
    }


def test_each_column_has_its_kind_of_cell() -> None:
    """Seven texts, then flags; column ten may be either."""
    assert [column.cell for column in columns.COLUMNS] == [*["text"] * 7, *["flag"] * 2, "flag or text", *["flag"] * 5]
    assert (*FIELDS[7:9], *FIELDS[10:]) == columns.FLAGS
    assert (FIELDS[9],) == columns.FLAGS_OR_TEXTS
    assert columns.REQUIRED == ("Email",)


def test_true_becomes_x_and_false_blank() -> None:
    """As in the procedure."""
    assert columns.MARKS == {"True": "X", "False": None}


def test_courses_are_the_last_five_columns() -> None:
    """They can be gained or lost."""
    assert HEADINGS[10:] == columns.COURSES


def test_another_table_has_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Manifests record which table was used."""
    before = columns.fingerprint()
    assert len(before) == 64
    assert columns.fingerprint() == before
    monkeypatch.setattr(columns, "COLUMNS", columns.COLUMNS[::-1])
    assert columns.fingerprint() != before
