"""May an address have an account's report? The four kinds, over two companies and their people."""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.home.addresses import Addresses
from schemas.addresses import domain_of, key
from transforms.address_lines import address_lines, sorted_lines
from transforms.recipients import Judgement, judge, near_domain

CONTOSO, FABRIKAM, LITWARE = 0, 1, 2
PEOPLE: Mapping[int, Sequence[str]] = {
    CONTOSO: ["Ana@contoso.example", "bo@gmail.com", "cy@shared.example"],
    FABRIKAM: ["dan@fabrikam.example", "eva@yahoo.com", "fay@shared.example", "bo@xn--mller-kva.example"],
    LITWARE: [" gus@Litware.example ", "dan@fabrikam.example", "no address", "a b@c"],
}


def addresses(people: Mapping[int, Sequence[str]] = PEOPLE) -> Addresses:
    """Everybody, as they are kept."""
    rows = [(account, address) for account, persons in people.items() for address in persons]
    frame = pl.DataFrame(rows, {"account": pl.UInt32, "Email": pl.String}, orient="row")
    return Addresses(sorted_lines(address_lines(part) for part in frame.iter_slices(2)))


def judged(address: str, account: int = CONTOSO) -> Judgement:
    """The judgement, for Contoso unless said otherwise."""
    return judge(address, account, addresses(), [domain_of(key(one)) for one in PEOPLE[account]])


@pytest.mark.parametrize("address", ["ana@contoso.example", "ANA@CONTOSO.EXAMPLE", "bo@gmail.com", "cy@shared.example"])
def test_a_person_of_the_account_is_known(address: str) -> None:
    """Webmail or not, in any letter case."""
    assert judged(address) == (address, "known", (), "")


def test_a_person_of_several_accounts_is_known_to_each() -> None:
    """Dan is in two companies."""
    assert judged("dan@fabrikam.example", FABRIKAM).kind == "known"
    assert judged("dan@fabrikam.example", LITWARE).kind == "known"


@pytest.mark.parametrize(
    ("address", "accounts"),
    [
        ("dan@fabrikam.example", (FABRIKAM, LITWARE)),  # the very person
        ("somebody@fabrikam.example", (FABRIKAM, LITWARE)),  # the domain
        ("x@eu.fabrikam.example", (FABRIKAM, LITWARE)),  # a domain beneath it
        ("eva@yahoo.com", (FABRIKAM,)),  # webmail, but the very person
        ("fay@shared.example", (FABRIKAM,)),  # a domain of both, but the person of the other
        ("x@müller.example", (FABRIKAM,)),  # punycode there, letters here
        ("x@XN--MLLER-KVA.example", (FABRIKAM,)),
        ("gus@litware.example", (LITWARE,)),
    ],
)
def test_what_is_another_companys_is_elsewhere(address: str, accounts: tuple[int, ...]) -> None:
    """The person, the domain, or one beneath it."""
    assert judged(address) == (address, "elsewhere", accounts, "")


@pytest.mark.parametrize(
    "domain",
    ["contosso.example", "contos.example", "conotso.example", "kontoso.example", "contoso.exampl", "cont0so.example",
     "соntоsо.example", "xn--ontoso-hrf.example"],
)  # fmt: skip
def test_one_edit_from_a_domain_of_the_account_is_near(domain: str) -> None:
    """A letter more, less, other or exchanged with its neighbour; and what only looks the same."""
    found = judged(f"ana@{domain}")
    assert (found.kind, found.domain) == ("near", "contoso.example")


@pytest.mark.parametrize(
    "address",
    ["ana@contozzo.example", "ana@mail.contoso.example", "zoe@shared.example", "zoe@gmail.com", "zoe@gmial.com",
     "zoe@yahoo.com", "ana@x.example"],
)  # fmt: skip
def test_all_else_is_new(address: str) -> None:
    """Two edits, a subdomain, somebody else at a shared domain, webmail: which is never near and never elsewhere."""
    assert judged(address).kind == "new"


@pytest.mark.parametrize(
    ("domain", "other"),
    [("rnicrosoft.example", "microsoft.example"), ("vvest.example", "west.example"), ("cloud.example", "doud.example")],
)
def test_pairs_that_look_like_one_letter_are_near(domain: str, other: str) -> None:
    """Two edits for a machine, one for the eye."""
    assert near_domain(domain, [other]) == other
    assert near_domain(other, [domain]) == domain


def test_a_domain_is_not_near_itself_nor_webmail() -> None:
    """What the account has is right."""
    assert near_domain("contoso.example", ["contoso.example", "contosa.example"]) == ""
    assert near_domain("gmail.com", ["gmaill.com"]) == ""
    assert near_domain("gmaill.com", ["gmail.com"]) == ""


LETTERS = st.text("ab.-@\tü", min_size=1, max_size=4)


@given(st.dictionaries(st.integers(0, 3), st.lists(st.tuples(LETTERS, LETTERS), max_size=4)), LETTERS, LETTERS)
def test_what_is_kept_is_found_and_nothing_else(
    people: Mapping[int, Sequence[tuple[str, str]]], local: str, domain: str
) -> None:
    """Whatever the addresses are, and in whatever order."""
    plain = {
        account: [f"{one}@{other}" for one, other in persons if one and other and not set("@\t") & set(one + other)]
        for account, persons in people.items()
    }
    found = addresses(plain)
    wanted = {key(f"{local}@{domain}")} | {key(one) for persons in plain.values() for one in persons}
    for address in wanted:
        holders = [account for account, persons in sorted(plain.items()) if address in map(key, persons)]
        assert found.with_address(address) == holders
