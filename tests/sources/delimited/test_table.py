"""Headings: found in any row with any separator, and what is wrong with them is refused with all names."""

import pytest

from schemas.columns import FIELDS
from sources.downloads import read
from tests.sources.delimited.texts import PERSON, refusal, text


def test_unneeded_columns_are_dropped_and_headings_kept(file) -> None:
    """Known columns keep the file's own heading."""
    headings = ("Id", *(f" user: {field.upper()}" for field in FIELDS), "Account: Id")
    export = read(file(text(["7", *PERSON, "42"], headings=headings)))
    assert export.frame.columns == ["row", *headings[1:]]
    assert export.frame["Account: Id"].to_list() == ["42"]


def test_blank_lines_above_the_headings_are_skipped_but_counted(file) -> None:
    """The rows below are numbered as in a spreadsheet."""
    assert read(file("\n\r\n , \n" + text(PERSON))).frame["row"].to_list() == [5]


def test_badly_quoted_headings_are_refused(file) -> None:
    """The message says that the headings are the problem."""
    assert "headings" in str(refusal(file('"Full Name,Email\n')))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b" , ,\r\n", "\u3000\n".encode()])
def test_an_empty_file_is_refused(file, content: bytes) -> None:
    """Nothing, only a BOM, or only blanks."""
    assert "empty" in refusal(file(content)).faults[0].rule


def test_headings_without_rows_are_refused(file) -> None:
    """Even if blank rows follow."""
    assert "no rows" in str(refusal(file(text())))
    assert "no rows" in str(refusal(file(text() + "\n" + "," * 14 + "\n")))


def test_all_missing_and_repeated_columns_are_reported_at_once(file) -> None:
    """One fault per column."""
    headings = ("email", *FIELDS[:-2], "Account ID", "AccountId")
    faults = refusal(file(text(headings=headings))).faults
    assert [fault.column for fault in faults] == [*FIELDS[-2:], "Email", "Account ID"]


def test_a_missing_account_column_is_no_fault(file) -> None:
    """`account` works without one."""
    assert read(file(text(PERSON))).frame.height == 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("title", ["Partner users", "Users as of 2026-11-20, 10:15", 'Said "all"', "A;B\nC,D|E\tF"])
@pytest.mark.parametrize("is_padded", [True, False])
def test_lines_above_the_headings_are_skipped(file, separator: str, title: str, is_padded: bool) -> None:
    """Whatever they contain, padded or not; rows are numbered as in a spreadsheet."""
    padding = separator * (len(FIELDS) - 1) if is_padded else ""
    export = read(file(f"{title}{padding}\n{padding}\n{text(PERSON, PERSON, separator=separator)}"))
    row = title.count("\n") + 3
    assert export.frame["row"].to_list() == [row + 1, row + 2]
    assert export.frame.columns == ["row", *FIELDS]
    assert export.notices == (f"The headings are in row {row}; everything above them was skipped",)


def test_a_partly_quoted_title_is_skipped(file) -> None:
    """Strict quoting starts at the headings."""
    assert read(file('"Users" as of today\n' + text(PERSON))).frame["row"].to_list() == [3]
    assert "badly quoted" in str(refusal(file('Title\n"Full Name" ,' + text(PERSON))))


def test_headings_are_searched_in_a_hundred_rows(file) -> None:
    """As in a workbook; blank rows don't count."""
    assert read(file("Title\n" * 99 + text(PERSON))).frame["row"].to_list() == [101]
    assert read(file("\n" * 300 + text(PERSON))).frame["row"].to_list() == [302]
    assert "missing" in str(refusal(file("Title\n" * 100 + text(PERSON))))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("line", "separator"), [("sep=;", ";"), ("SEP=|", "|"), ('"sep=\t"', "\t"), ("sep=^", "^")])
def test_a_sep_line_sets_the_separator(file, line: str, separator: str, end: str) -> None:
    """Spreadsheet programs hide it, so the headings are row 1."""
    street = f'"a{separator}b,c"'
    path = file("\ufeff" + line + end + text([*PERSON[:2], street, *PERSON[3:]], PERSON, separator=separator, end=end))
    export = read(path)
    assert export.frame["row"].to_list() == [2, 3]
    assert export.frame["Mailing Street"].to_list() == [street[1:-1], "Road 1"]
    assert export.notices == ()


def test_a_wrong_sep_line_is_ignored(file) -> None:
    """Some programs treat it as text and save it with another separator."""
    assert read(file("sep=;\n" + text(PERSON))).frame["row"].to_list() == [2]
    assert read(file("sep=;" + "," * 14 + "\n" + text(PERSON))).frame["row"].to_list() == [3]


@pytest.mark.parametrize(
    "heading", ["Mailing\u00a0Street", "Mailing\nStreet", "\u200bMailing  Street", "MAILING STREET"]
)
def test_headings_with_odd_whitespace_are_matched(file, heading: str) -> None:
    """And kept as they are."""
    headings = tuple(f'"{heading}"' if field == "Mailing Street" else field for field in FIELDS)
    assert read(file(text(PERSON, headings=headings))).frame[heading].to_list() == ["Road 1"]
