"""Comparing names and ids of accounts, and suggesting similar ones."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.names import BLANKS, INVISIBLE, find, fold, near, with_ids


@pytest.mark.parametrize(
    ("one", "other"),
    [(" Contoso\u3000", "contoso"), ("STRASSE", "Straße"), ("A\u030angstro\u0308m", "\xc5ngström"), ("\x1cX", "\x1cx")],
)
def test_names_are_trimmed_casefolded_and_composed(one: str, other: str) -> None:
    """A control character is not white space."""
    assert fold(one) == fold(other)
    assert fold("\x1cX") != fold("X")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (" Contoso \xa0 GmbH", "contoso gmbh"),
        ("Contoso\r\nGmbH", "Contoso\u2003GmbH"),
        ("Con\u200btoso\ufeff", "Contoso"),
        ("Con\u00adtoso \u2060 GmbH", "Contoso GmbH"),
        ("Contoso\ufe0f\u3164", "Contoso"),
        ("A\u200d\u030angstro\u0308m", "\xc5ngström"),
    ],
)
def test_white_space_is_collapsed_and_invisible_characters_dropped(one: str, other: str) -> None:
    """Names pasted from mails and web pages contain both."""
    assert fold(one) == fold(other)


@given(st.text(st.sampled_from("aÄß\u0301 \t\xa0\u3000\u200b\ufe0f\u3164\x1c"), max_size=8))
def test_folding_is_idempotent(text: str) -> None:
    """The result has no outer or repeated blanks, and nothing invisible."""
    folded = fold(text)
    assert fold(folded) == folded == folded.strip(BLANKS)
    assert not re.search(f"[{BLANKS}][{BLANKS}]|[{INVISIBLE}]", folded)


def test_invisible_characters_are_the_format_characters() -> None:
    """The ranges are written out, as computing them takes a tenth of a second."""
    invisible = re.compile(f"[{INVISIBLE}]")
    formats = [sign for sign in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(sign) == "Cf"]
    assert all(map(invisible.match, formats))
    assert not any(invisible.match(blank) for blank in BLANKS)
    assert all(blank.isspace() for blank in BLANKS)
    printable = [sign for sign in map(chr, range(sys.maxunicode + 1)) if invisible.match(sign) and sign.isprintable()]
    assert [fold(f"a{sign}b") for sign in printable] == ["ab"] * len(printable)


ACCOUNTS = [("Contoso", "1"), ("CONTOSO", "77"), ("Contoso", None), ("Fabrikam", "ab"), ("Tailspin", "AB"), ("9", "9")]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ("contoso", [0, 1]),  # not the rows of that name without an id
        ("77", [1]),
        (" fabrikam\u200b", [3]),
        ("AB", [4]),
        ("aB", [3, 4]),
        ("9", [5]),
        ("", []),
        ("\u200b", []),
        ("Nobody", []),
    ],
)
def test_an_account_is_found_by_name_or_id(wanted: str, places: list[int]) -> None:
    """Both are folded; ids that differ only in case must match exactly."""
    assert find(wanted, ACCOUNTS) == places


def test_an_id_that_is_another_account_s_name_finds_both() -> None:
    """With or without an id of its own."""
    assert find("x9", [("Alpha", "x9"), ("X9", "55"), ("Beta", "2")]) == [0, 1]
    assert find("x9", [("Alpha", "X9"), ("X9", None)]) == [0, 1]


def test_accounts_of_one_name_are_listed_with_their_ids() -> None:
    """The first ten."""
    assert with_ids(ACCOUNTS[:3]) == "1 (Contoso), 77 (CONTOSO), no id (Contoso)"
    assert with_ids([("Contoso", str(number)) for number in range(12)]).endswith("9 (Contoso) and 2 more")


def test_similar_names_are_suggested() -> None:
    """At most three, the most similar first, without duplicates."""
    assert near("contosso", ["Fabrikam", "CONTOSO", "Contoso GmbH", "CONTOSO"]).startswith(" Did you mean 'CONTOSO'")
    assert near("contosso", ["CONTOSO"] * 2) == " Did you mean 'CONTOSO'?"
    assert near("contoso", [f"Contoso {number}" for number in range(9)]).count("' or '") == 2
    assert near("contoso", ["Contoso Deutschland GmbH"]) == " Did you mean 'Contoso Deutschland GmbH'?"
    assert near("1001", ["1001 Nights Inc", "Partner 1001 GmbH"]) == ""  # shared digits don't count
    assert near("zzzz", ["Contoso"]) == near("x", []) == ""
