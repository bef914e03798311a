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
