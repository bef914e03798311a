"""Whether an address may get an account's report: the four kinds."""

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
    """Everyone's addresses, as stored."""
    rows = [(account, address) for account, persons in people.items() for address in persons]
    frame = pl.DataFrame(rows, {"account": pl.UInt32, "Email": pl.String}, orient="row")
    return Addresses(sorted_lines(address_lines(part) for part in frame.iter_slices(2)))


def judged_for(address: str, account: int = CONTOSO) -> Judgement:
    """The judgement, for Contoso by default."""
    return judge(address, account, addresses(), [domain_of(key(one)) for one in PEOPLE[account]])


@pytest.mark.parametrize("address", ["ana@contoso.example", "ANA@CONTOSO.EXAMPLE", "bo@gmail.com", "cy@shared.example"])
def test_a_person_of_the_account_is_known(address: str) -> None:
    """With webmail or not, in any letter case."""
    assert judged_for(address) == (address, "known", (), "")


def test_a_person_of_several_accounts_is_known_to_each() -> None:
    """Dan is in two companies."""
    assert judged_for("dan@fabrikam.example", FABRIKAM).kind == "known"
    assert judged_for("dan@fabrikam.example", LITWARE).kind == "known"


@pytest.mark.parametrize(
    ("address", "accounts"),
    [
        ("dan@fabrikam.example", (FABRIKAM, LITWARE)),  # the person
        ("somebody@fabrikam.example", (FABRIKAM, LITWARE)),  # the domain
        ("x@eu.fabrikam.example", (FABRIKAM, LITWARE)),  # a subdomain
        ("eva@yahoo.com", (FABRIKAM,)),  # webmail, but the person
        ("fay@shared.example", (FABRIKAM,)),  # a shared domain, but the other company's person
        ("x@müller.example", (FABRIKAM,)),  # punycode there, letters here
        ("x@XN--MLLER-KVA.example", (FABRIKAM,)),
        ("gus@litware.example", (LITWARE,)),
    ],
)
def test_another_company_s_address_is_elsewhere(address: str, accounts: tuple[int, ...]) -> None:
    """By person, domain or subdomain."""
    assert judged_for(address) == (address, "elsewhere", accounts, "")


@pytest.mark.parametrize(
    "domain",
    ["contosso.example", "contos.example", "conotso.example", "kontoso.example", "contoso.exampl", "cont0so.example",
     "соntоsо.example", "xn--ontoso-hrf.example"],
)  # fmt: skip
def test_one_edit_from_the_account_s_domain_is_near(domain: str) -> None:
    """A letter added, removed, replaced or swapped; and look-alikes."""
    found = judged_for(f"ana@{domain}")
    assert (found.kind, found.domain) == ("near", "contoso.example")


@pytest.mark.parametrize(
    "address",
    ["ana@contozzo.example", "ana@mail.contoso.example", "zoe@shared.example", "zoe@gmail.com", "zoe@gmial.com",
     "zoe@yahoo.com", "ana@x.example"],
)  # fmt: skip
def test_everything_else_is_new(address: str) -> None:
    """Two edits, a subdomain, someone else at a shared domain, webmail."""
    assert judged_for(address).kind == "new"


@pytest.mark.parametrize(
    ("domain", "other"),
    [("rnicrosoft.example", "microsoft.example"), ("vvest.example", "west.example"), ("cloud.example", "doud.example")],
)
def test_letter_pairs_that_look_like_one_letter_are_near(domain: str, other: str) -> None:
    """Two edits, but one glance."""
    assert near_domain(domain, [other]) == other
    assert near_domain(other, [domain]) == domain


def test_a_domain_is_not_near_itself_or_webmail() -> None:
    """The account's own domains are right."""
    assert near_domain("contoso.example", ["contoso.example", "contosa.example"]) == ""
    assert near_domain("gmail.com", ["gmaill.com"]) == ""
    assert near_domain("gmaill.com", ["gmail.com"]) == ""


LETTERS = st.text("ab.-@\tü", min_size=1, max_size=4)


@given(st.dictionaries(st.integers(0, 3), st.lists(st.tuples(LETTERS, LETTERS), max_size=4)), LETTERS, LETTERS)
def test_stored_addresses_are_found_and_no_others(
    people: Mapping[int, Sequence[tuple[str, str]]], local: str, domain: str
) -> None:
    """In any order."""
    plain = {
        account: [f"{one}@{other}" for one, other in persons if one and other and not set("@\t") & set(one + other)]
        for account, persons in people.items()
    }
    found = addresses(plain)
    wanted = {key(f"{local}@{domain}")} | {key(one) for persons in plain.values() for one in persons}
    for address in wanted:
        holders = [account for account, persons in sorted(plain.items()) if address in map(key, persons)]
        assert found.with_address(address) == holders
