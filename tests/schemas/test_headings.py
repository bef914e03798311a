"""Headings as people's files have them."""

import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.headings import faults, match

SPELLINGS = ["{}", "User: {}", " {} ", "\u00a0User: {}\t", "user: {}", "USER: {}", "User:{}", "User:\u00a0{}"]
BLANKS = ["\u00a0", "  ", "\n", "\r\n", "\t", "\u2009", "\u3000", "\u202f", " \u200b", "\u00a0 ", "\u00ad ", "\u2028"]
INVISIBLE = ["\ufeff", "\u200b", "\u200e", "\u2060", "\u00ad", "\u202c", "\u061c"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_heading_is_known_in_each_spelling(spelling: str) -> None:
    """Trimmed, without letter case, with or without the picker's prefix."""
    for case in (str, str.upper, str.lower):
        headings = [spelling.format(case(field)) for field in FIELDS]
        assert match(headings) == {field: place for place, field in enumerate(FIELDS)}
        assert faults(headings) == []


@pytest.mark.parametrize("blank", BLANKS)
def test_a_run_of_white_space_is_one_blank(blank: str) -> None:
    """Headings that were wrapped or typeset in a spreadsheet are the same headings."""
    headings = [f"{blank}User:{blank}{field}{blank}".replace(" ", blank) for field in (*FIELDS, "Account - Id")]
    assert match(headings) == {field: place for place, field in enumerate((*FIELDS, ACCOUNT_ID))}


@pytest.mark.parametrize("sign", INVISIBLE)
def test_invisible_characters_are_nothing(sign: str) -> None:
    """Wherever they are in a heading: at either end, or within a word."""
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
def test_an_account_column_has_several_names(heading: str, field: str) -> None:
    """By id or by name, as exports spell them."""
    assert match([*FIELDS, heading])[field] == len(FIELDS)


@pytest.mark.parametrize("heading", ["Name", "Account", "Full-Name", "FullName", "E-Mail", "Owner: Email", "", None])
def test_other_headings_are_ignored(heading: str | None) -> None:
    """They are neither taken for a field nor a fault."""
    assert match([heading]) == {}
    assert faults([*FIELDS, heading, heading]) == []


def test_every_missing_column_is_named_at_once() -> None:
    """One message for the whole file, with the remedy."""
    found = faults(["Full Name"])
    assert [fault.column for fault in found] == list(FIELDS[1:])
    assert all(fault.rule and "Add the field" in fault.remedy for fault in found)
    assert found[0].found == "headings: Full Name"
    assert faults([])[0].found == "no headings"


def test_a_repeated_column_is_a_fault_however_it_is_spelt() -> None:
    """Which one is meant can't be known; that holds for account columns, too."""
    found = faults([*FIELDS, "user: EMAIL ", "Account ID", "AccountId", "Account: Id"])
    assert [(fault.column, fault.found) for fault in found] == [("Email", "2 times"), (ACCOUNT_ID, "3 times")]


def test_a_missing_account_column_is_no_fault_of_the_headings() -> None:
    """`account` can do without one."""
    assert faults(FIELDS) == []
