"""How names and ids of accounts are compared, and which ones are near."""

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
def test_blanks_around_letter_case_and_unicode_forms_are_ignored(one: str, other: str) -> None:
    """As Unicode has them: a control character is no white space."""
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
def test_runs_of_blanks_are_one_and_what_nobody_sees_is_nothing(one: str, other: str) -> None:
    """A name out of a mail or a web page has what that one had."""
    assert fold(one) == fold(other)


@given(st.text(st.sampled_from("aÄß\u0301 \t\xa0\u3000\u200b\ufe0f\u3164\x1c"), max_size=8))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    """And has no blank at either end, nor two in a row, nor anything that nobody sees."""
    folded = fold(text)
    assert fold(folded) == folded == folded.strip(BLANKS)
    assert not re.search(f"[{BLANKS}][{BLANKS}]|[{INVISIBLE}]", folded)


def test_all_format_characters_are_invisible_and_white_space_is_not() -> None:
    """The ranges are written out, because working them out takes a tenth of a second."""
    invisible = re.compile(f"[{INVISIBLE}]")
    known = [sign for sign in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(sign) == "Cf"]
    assert all(map(invisible.match, known))
    assert not any(invisible.match(blank) for blank in BLANKS)
    assert all(blank.isspace() for blank in BLANKS)
    printable = [sign for sign in map(chr, range(sys.maxunicode + 1)) if invisible.match(sign) and sign.isprintable()]
    assert [fold(f"a{sign}b") for sign in printable] == ["ab"] * len(printable)


ACCOUNTS = [("Contoso", "1"), ("CONTOSO", "77"), ("Contoso", None), ("Fabrikam", "ab"), ("Tailspin", "AB"), ("9", "9")]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ("contoso", [0, 1]),  # rows of that name without an id hold those back; they are not meant
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
    """Both are compared folded; ids that differ in letter case only are told apart by their exact spelling."""
    assert find(wanted, ACCOUNTS) == places


def test_what_is_one_account_s_id_and_another_s_name_may_be_either() -> None:
    """Whether the other one has an id or not."""
    assert find("x9", [("Alpha", "x9"), ("X9", "55"), ("Beta", "2")]) == [0, 1]
    assert find("x9", [("Alpha", "X9"), ("X9", None)]) == [0, 1]


def test_accounts_of_one_name_are_told_by_their_ids() -> None:
    """The first ten."""
    assert with_ids(ACCOUNTS[:3]) == "1 (Contoso), 77 (CONTOSO), no id (Contoso)"
    assert with_ids([("Contoso", str(number)) for number in range(12)]).endswith("9 (Contoso) and 2 more")


def test_near_names_are_asked_for_once_each() -> None:
    """At most three, the nearest first; nothing if none is near."""
    assert near("contosso", ["Fabrikam", "CONTOSO", "Contoso GmbH", "CONTOSO"]).startswith(" Did you mean 'CONTOSO'")
    assert near("contosso", ["CONTOSO"] * 2) == " Did you mean 'CONTOSO'?"
    assert near("contoso", [f"Contoso {number}" for number in range(9)]).count("' or '") == 2
    assert near("contoso", ["Contoso Deutschland GmbH"]) == " Did you mean 'Contoso Deutschland GmbH'?"
    assert near("1001", ["1001 Nights Inc", "Partner 1001 GmbH"]) == ""  # digits within say nothing
    assert near("zzzz", ["Contoso"]) == near("x", []) == ""
