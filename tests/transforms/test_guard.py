"""The formula guard, character by character."""

import polars as pl
import pytest

from schemas.columns import HEADINGS
from transforms.guard import guard, guarded_cells

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
TEXT_HEADINGS = (*HEADINGS[:7], "Administrative Privileges")
LEADING = ("", " ", "   ", "\u00a0", "\u2003", "\u3000", "\x85", "\v", "\u2028", " \t ")


def frame(cell: str | None, heading: str = "Mailing City") -> pl.DataFrame:
    """A marked frame of one row with this cell."""
    blank = {name: pl.Series([None], dtype=pl.String) for name in HEADINGS}
    numbers = {"row": pl.Series([7], dtype=pl.UInt32), "account": pl.Series([3], dtype=pl.UInt32)}
    return pl.DataFrame(numbers | blank | {heading: pl.Series([cell], dtype=pl.String)})


def guarded(cell: str | None, heading: str = "Mailing City") -> str | None:
    """The cell after `guard`; `guarded_cells` must agree."""
    found = frame(cell, heading)
    result: str | None = guard(found)[heading].item()
    reported = guarded_cells(found).rows()
    assert reported == ([] if result in (cell, None) else [(3, 7, heading, cell)])
    return result


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("blanks", LEADING)
def test_a_formula_gets_an_apostrophe(sign: str, blanks: str) -> None:
    """Also after blanks, which programs trim; the cell is not trimmed."""
    assert guarded(f"{blanks}{sign}SUM(A1)") == f"'{blanks}{sign}SUM(A1)"


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\r\n"])
@pytest.mark.parametrize("rest", ["a", "49", "-", "+49 30", "\u00a0a"])
def test_a_leading_tab_or_line_break_gets_an_apostrophe(start: str, rest: str) -> None:
    """Also before digits: no phone starts like that."""
    assert guarded(start + rest) == "'" + start + rest


@pytest.mark.parametrize(
    "cell",
    [
        *("+49 30 123", "+4930123456", "-1+2", "-", "--", "- -", "+", "(0)30/12.34-5", "+1 (415) 555-0100", "  +49 30"),
        *("-12.5", "01067", "/", ".", "+()"),
    ],
)
def test_phones_numbers_and_dashes_are_not_guarded(cell: str) -> None:
    """Only digits, U+0020 and + - ( ) . /"""
    assert guarded(cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        *("=1", "=", "@", "+49 30 123 ext. 4", "+49\u00a030", "+\u0661\u0662", "-1,5", "+49,30", "-1*2", "\u00a0+49"),
        *("\uff0b49", "\uff0d", "+49 30\n", "+1;2", "-'", "-1e5", "+\uff11"),
    ],
)
def test_any_other_character_makes_it_a_formula(cell: str) -> None:
    """Such as another blank, another script's digits, a comma, a letter."""
    assert guarded(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "+49\u00a0221\u00a00123",
            "+49\u202f221",
            "+49\u2009221",
            "\u00a0+49",
            "+49 (0)221\u20130123",
            "+49\u2011221",
        ),
        *("\u2212 5", "+1\u2014555", "+49\uff0d221", "+49 221 0123 x45", "+1-555-0100 ext. 2", "+49221012x45"),
        *("-492210123 X 45", "+49 221 0123\u00a0EXT 45", "+49 30 123 ext. 4"),
    ],
)
def test_phones_as_people_write_them_are_not_guarded(cell: str) -> None:
    """In the Phone column: other blanks, all dashes, one extension at the end."""
    assert guarded(cell, "Phone") == cell
    assert guarded(cell) == ("'" + cell if cell[:2].strip()[:1] in SIGNS else cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("+4922 x45", "+49 221 0123 x", "+49 221 0123 x45 x46", "+49 221 0123 x45a", "+49221012 ext45+1", "+x45"),
        *("=492210123 x45", "@492210123", "\uff0b49 221 0123", "+49*221", "+49 221 0123; +49 221", "+49 221, 0124"),
        *("+492210123 call", "+49\u3000221", "+49 221\n", "\t+49 221", "+\u0664\u0669", "+cmd|' /C calc'!A0"),
    ],
)
def test_other_phones_are_guarded(cell: str) -> None:
    """Too few digits before an extension, two extensions, other characters."""
    assert guarded(cell, "Phone") == "'" + cell


@pytest.mark.parametrize(
    "cell",
    ["a=1", "1=1", "'=1", "\u200b=1", "\ufeff=1", "a\n=1", "\u2212" + "1", "\ufe62", "#N/A", "True", "|cmd", "\x01="],
)
def test_other_texts_are_not_guarded(cell: str) -> None:
    """A sign further in is harmless; zero-width spaces and U+2212 don't start a formula."""
    assert guarded(cell) == cell


@pytest.mark.parametrize("cell", ["", " ", "\t", "\r\n", "\n", "\u00a0\u3000", "\x85", None])
def test_white_space_becomes_a_blank_cell(cell: str | None) -> None:
    """Without an apostrophe, even if it starts with TAB, CR or LF."""
    assert guarded(cell) is None


@pytest.mark.parametrize("heading", HEADINGS)
def test_texts_and_column_ten_are_guarded(heading: str) -> None:
    """Flag columns hold only X or nothing by then."""
    assert guarded("=1" if heading in TEXT_HEADINGS else "X", heading) == ("'=1" if heading in TEXT_HEADINGS else "X")


def test_guarded_cells_are_listed_by_row_with_impartner_s_names() -> None:
    """So that people find them in the export."""
    rows = pl.concat([frame("=b", "Phone"), frame("@a", "Full Name").with_columns(row=pl.lit(2, pl.UInt32))])
    assert guarded_cells(rows).rows() == [(3, 2, "Full Name", "@a"), (3, 7, "Phone", "=b")]
    assert guarded_cells(rows).columns == ["account", "row", "column", "cell"]


def test_only_the_given_columns_are_guarded() -> None:
    """Fault tables have other columns."""
    table = pl.DataFrame({"found": ["=1", " ", None], "rule": ["=1", " ", None]})
    assert guard(table, ["found"]).rows() == [("'=1", "=1"), (None, " "), (None, None)]
