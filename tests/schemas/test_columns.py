"""The table against the procedure's own words, spelt out here once more."""

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


def test_the_report_has_these_fifteen_headings_in_this_order() -> None:
    """What the partner sees."""
    assert columns.HEADINGS == HEADINGS


def test_impartner_is_asked_for_these_fifteen_fields_in_this_order() -> None:
    """What the picker shows."""
    assert columns.FIELDS == FIELDS


def test_three_training_fields_get_the_name_of_their_course() -> None:
    """And no other column is renamed."""
    assert columns.RENAMES == {
        "SA Verified": "Solution Architect Core Training",
        "Sales Badged": "Sales Core Training",
        "Sales Certified": "Sales Professional Accreditation",
    }


def test_cells_are_text_flag_or_in_column_ten_either() -> None:
    """Seven texts, then flags, with the administrative privileges between."""
    assert [column.cell for column in columns.COLUMNS] == [*["text"] * 7, *["flag"] * 2, "flag or text", *["flag"] * 5]
    assert (*FIELDS[7:9], *FIELDS[10:]) == columns.FLAGS
    assert (FIELDS[9],) == columns.FLAGS_OR_TEXTS
    assert columns.REQUIRED == ("Email",)


def test_true_becomes_an_x_and_false_a_blank() -> None:
    """The procedure's replacing step."""
    assert columns.MARKS == {"True": "X", "False": None}


def test_courses_are_the_last_five_columns() -> None:
    """They are what a person can gain or lose."""
    assert HEADINGS[10:] == columns.COURSES


def test_another_table_has_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest tells by it which table was in force."""
    first = columns.fingerprint()
    assert len(first) == 64
    assert columns.fingerprint() == first
    monkeypatch.setattr(columns, "COLUMNS", columns.COLUMNS[::-1])
    assert columns.fingerprint() != first
