"""Headings: found wherever they are and whichever separator gives them; what is wrong with them is named at once."""

import pytest

from schemas.columns import FIELDS
from sources.downloads import read
from tests.sources.delimited.texts import PERSON, refusal, text


def test_other_columns_are_left_away_and_headings_kept(file) -> None:
    """Known columns keep the file's own heading; the others are not there."""
    headings = ("Id", *(f" user: {field.upper()}" for field in FIELDS), "Account: Id")
    export = read(file(text(["7", *PERSON, "42"], headings=headings)))
    assert export.frame.columns == ["row", *headings[1:]]
    assert export.frame["Account: Id"].to_list() == ["42"]


def test_blank_lines_above_the_headings(file) -> None:
    """They are skipped, and counted."""
    assert read(file("\n\r\n , \n" + text(PERSON))).frame["row"].to_list() == [5]


def test_badly_quoted_headings(file) -> None:
    """Headings with an open quote are told as such."""
    assert "headings" in str(refusal(file('"Full Name,Email\n')))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b" , ,\r\n", "\u3000\n".encode()])
def test_an_empty_file(file, content: bytes) -> None:
    """Nothing, a BOM only, and blanks only are empty exports."""
    assert "empty" in refusal(file(content)).faults[0].rule


def test_headings_only(file) -> None:
    """An export without people is refused, also if blank rows follow."""
    assert "no rows" in str(refusal(file(text())))
    assert "no rows" in str(refusal(file(text() + "\n" + "," * 14 + "\n")))


def test_all_missing_and_repeated_columns_are_told_at_once(file) -> None:
    """Each column that is missing or stands there twice is a fault that names it."""
    headings = ("email", *FIELDS[:-2], "Account ID", "AccountId")
    faults = refusal(file(text(headings=headings))).faults
    assert [fault.column for fault in faults] == [*FIELDS[-2:], "Email", "Account ID"]


def test_a_missing_account_column_is_no_fault(file) -> None:
    """`account` can do without one."""
    assert read(file(text(PERSON))).frame.height == 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("title", ["Partner users", "Users as of 2026-11-20, 10:15", 'Said "all"', "A;B\nC,D|E\tF"])
@pytest.mark.parametrize("is_padded", [True, False])
def test_lines_above_the_headings_are_skipped(file, separator: str, title: str, is_padded: bool) -> None:
    """Whatever they hold, padded with blank cells or not; rows are numbered as a spreadsheet shows them."""
    padding = separator * (len(FIELDS) - 1) if is_padded else ""
    export = read(file(f"{title}{padding}\n{padding}\n{text(PERSON, PERSON, separator=separator)}"))
    row = title.count("\n") + 3
    assert export.frame["row"].to_list() == [row + 1, row + 2]
    assert export.frame.columns == ["row", *FIELDS]
    assert export.notices == (f"The headings are in row {row}; everything above them was skipped",)


def test_a_title_with_quotes_around_a_part_of_it(file) -> None:
    """Strict rules hold for the headings and what is below."""
    assert read(file('"Users" as of today\n' + text(PERSON))).frame["row"].to_list() == [3]
    assert "badly quoted" in str(refusal(file('Title\n"Full Name" ,' + text(PERSON))))


def test_headings_far_down_are_none(file) -> None:
    """As in a workbook, a hundred rows are searched."""
    assert read(file("Title\n" * 99 + text(PERSON))).frame["row"].to_list() == [101]
    assert read(file("\n" * 300 + text(PERSON))).frame["row"].to_list() == [302]
    assert "missing" in str(refusal(file("Title\n" * 100 + text(PERSON))))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("line", "separator"), [("sep=;", ";"), ("SEP=|", "|"), ('"sep=\t"', "\t"), ("sep=^", "^")])
def test_a_line_with_the_separator_is_obeyed(file, line: str, separator: str, end: str) -> None:
    """Spreadsheet programs don't show it, so the headings are row 1."""
    street = f'"a{separator}b,c"'
    path = file("\ufeff" + line + end + text([*PERSON[:2], street, *PERSON[3:]], PERSON, separator=separator, end=end))
    export = read(path)
    assert export.frame["row"].to_list() == [2, 3]
    assert export.frame["Mailing Street"].to_list() == [street[1:-1], "Road 1"]
    assert export.notices == ()


def test_a_line_with_a_separator_that_is_not_the_files(file) -> None:
    """As a program leaves it that did not know what it was, and saved the file again."""
    assert read(file("sep=;\n" + text(PERSON))).frame["row"].to_list() == [2]
    assert read(file("sep=;" + "," * 14 + "\n" + text(PERSON))).frame["row"].to_list() == [3]


@pytest.mark.parametrize(
    "heading", ["Mailing\u00a0Street", "Mailing\nStreet", "\u200bMailing  Street", "MAILING STREET"]
)
def test_headings_with_odd_blanks(file, heading: str) -> None:
    """They are known, and kept as they are."""
    headings = tuple(f'"{heading}"' if field == "Mailing Street" else field for field in FIELDS)
    assert read(file(text(PERSON, headings=headings))).frame[heading].to_list() == ["Road 1"]
