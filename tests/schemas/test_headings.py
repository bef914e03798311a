"""Headings as they occur in people's files."""

import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.headings import faults, match

SPELLINGS = ["{}", "User: {}", " {} ", "\u00a0User: {}\t", "user: {}", "USER: {}", "User:{}", "User:\u00a0{}"]
BLANKS = ["\u00a0", "  ", "\n", "\r\n", "\t", "\u2009", "\u3000", "\u202f", " \u200b", "\u00a0 ", "\u00ad ", "\u2028"]
INVISIBLE = ["\ufeff", "\u200b", "\u200e", "\u2060", "\u00ad", "\u202c", "\u061c"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_heading_matches(spelling: str) -> None:
    """Trimmed, in any letter case, with or without the picker's prefix."""
    for case in (str, str.upper, str.lower):
        headings = [spelling.format(case(field)) for field in FIELDS]
        assert match(headings) == {field: place for place, field in enumerate(FIELDS)}
        assert faults(headings) == []


@pytest.mark.parametrize("blank", BLANKS)
def test_runs_of_white_space_equal_one_space(blank: str) -> None:
    """Spreadsheets wrap and typeset headings."""
    headings = [f"{blank}User:{blank}{field}{blank}".replace(" ", blank) for field in (*FIELDS, "Account - Id")]
    assert match(headings) == {field: place for place, field in enumerate((*FIELDS, ACCOUNT_ID))}


@pytest.mark.parametrize("sign", INVISIBLE)
def test_invisible_characters_are_ignored(sign: str) -> None:
    """At either end or within a word."""
    headings = [f"{sign}{field[:2]}{sign}{field[2:]}{sign}" for field in (*FIELDS, "Account Name", "AccountId")]
    assert match(headings) == {field: place for place, field in enumerate((*FIELDS, ACCOUNT_NAME, ACCOUNT_ID))}


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Account Name", ACCOUNT_NAME),
        ("Account: Account Name", ACCOUNT_NAME),
        ("Account - Name", ACCOUNT_NAME),
        ("User: Account Name", ACCOUNT_NAME),
        ("account name", ACCOUNT_NAME),
        ("Account ID", ACCOUNT_ID),
        ("Account: Id", ACCOUNT_ID),
        ("Account - Id", ACCOUNT_ID),
        ("AccountId", ACCOUNT_ID),
        ("ACCOUNT: ID", ACCOUNT_ID),
        ("User: AccountId", ACCOUNT_ID),
    ],
)
def test_account_columns_have_several_names(heading: str, field: str) -> None:
    """As exports spell them."""
    assert match([*FIELDS, heading])[field] == len(FIELDS)


@pytest.mark.parametrize("heading", ["Name", "Account", "Full-Name", "FullName", "E-Mail", "Owner: Email", "", None])
def test_other_headings_are_ignored(heading: str | None) -> None:
    """Even if repeated."""
    assert match([heading]) == {}
    assert faults([*FIELDS, heading, heading]) == []


def test_all_missing_columns_are_reported_at_once() -> None:
    """With the remedy."""
    found = faults(["Full Name"])
    assert [fault.column for fault in found] == list(FIELDS[1:])
    assert all(fault.rule and "Add the field" in fault.remedy for fault in found)
    assert found[0].found == "headings: Full Name"
    assert faults([])[0].found == "no headings"


def test_a_repeated_column_is_a_fault() -> None:
    """In any spelling, and account columns too: no one knows which is meant."""
    found = faults([*FIELDS, "user: EMAIL ", "Account ID", "AccountId", "Account: Id"])
    assert [(fault.column, fault.found) for fault in found] == [("Email", "2 times"), (ACCOUNT_ID, "3 times")]


def test_a_missing_account_column_is_no_fault() -> None:
    """`account` works without one."""
    assert faults(FIELDS) == []
