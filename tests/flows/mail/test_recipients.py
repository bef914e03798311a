"""Whom a draft may go to: a wrong person is refused, a new address is confirmed once."""

import pytest

from exports.home.layout import Home
from schemas.errors import WrongUsage
from tests.flows.mail.homes import ANA, drafted, lines, mail_in, only, refusal_of


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("cy@fabrikam.example", "belongs to Fabrikam, not to Contoso"),
        ("x@eu.fabrikam.example", "belongs to Fabrikam, not to Contoso"),
        ("ana@contosso.example", "Did you mean @contoso.example?"),
        ("ana@new.example", "confirm it once: --confirm ADDRESS --by WHO"),
    ],
)
def test_a_draft_to_the_wrong_person_is_refused(home: Home, address: str, words: str) -> None:
    """With the other company's name, the likely domain, or how to confirm; nothing is made."""
    drafts = drafted(home, "1001", to=[ANA, address])
    assert words in refusal_of(drafts)
    assert address in refusal_of(drafts)
    assert "@contoso.example?" in drafts.refused[0].plain or address.partition("@")[2] not in drafts.refused[0].plain
    assert address not in drafts.refused[0].plain
    assert not lines(home, "drafted")
    assert not list(home.drafts.glob("*"))


def test_a_confirmed_new_address_is_remembered(home: Home) -> None:
    """For this account only."""
    new, other = "zoe@new.example", "cy@fabrikam.example"
    assert drafted(home, "1001", to=[new], confirm=[new], by="me").made
    assert drafted(home, "1001", to=["ZOE@new.example"], again=True).made
    assert "confirm it once" in refusal_of(drafted(home, "Litware", to=[new]))
    assert "belongs to Fabrikam" in refusal_of(drafted(home, "1001", to=[other], confirm=[other], by="me"))
    (line,) = lines(home, "contact")
    assert (line["account_id"], line["to"], line["by"], line["confirmed"]) == ("1001", [new], "me", True)
    with pytest.raises(WrongUsage, match="--by"):
        drafted(home, "1001", to=[new], confirm=[new])


def test_without_a_recipient_the_administrators_are_suggested(home: Home) -> None:
    """None is chosen; --no-to leaves To blank."""
    refused = drafted(home, "1001")
    assert "its administrators are Ana <ana@contoso.example>" in refusal_of(refused)
    assert "ana@" not in refused.refused[0].plain
    assert mail_in(only(drafted(home, "1001", no_to=True)))["To"] == ""
