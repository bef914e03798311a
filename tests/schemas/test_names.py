"""How names and ids of accounts are compared, and which ones are near."""

import pytest

from schemas.names import BLANKS, fold, fold_blanks, near


@pytest.mark.parametrize(
    ("one", "other"),
    [(" Contoso\u3000", "contoso"), ("STRASSE", "Straße"), ("A\u030angstro\u0308m", "\xc5ngström"), ("\x1cX", "\x1cx")],
)
def test_blanks_around_letter_case_and_unicode_forms_are_ignored(one: str, other: str) -> None:
    """As Unicode has them: a control character is no white space."""
    assert fold(one) == fold(other)
    assert fold("\x1cX") != fold("X")


def test_blanks_within_are_one_for_what_a_person_types() -> None:
    """A name out of a mail has what that mail had."""
    assert fold_blanks(" Contoso \xa0 GmbH") == fold_blanks("contoso gmbh")
    assert fold("Contoso  GmbH") != fold("Contoso GmbH")
    assert all(blank.isspace() for blank in BLANKS)


def test_near_names_are_asked_for_once_each() -> None:
    """At most three, the nearest first; nothing if none is near."""
    assert near("contosso", ["Fabrikam", "CONTOSO", "Contoso GmbH", "CONTOSO"]).startswith(" Did you mean 'CONTOSO'")
    assert near("contosso", ["CONTOSO"] * 2) == " Did you mean 'CONTOSO'?"
    assert near("contoso", [f"Contoso {number}" for number in range(9)]).count("' or '") == 2
    assert near("zzzz", ["Contoso"]) == near("x", []) == ""
