"""May an address have an account's report? It is one of four kinds: known, elsewhere, near or new.

- known: a person of this account. Nobody is asked.
- elsewhere: the address, or its domain or a parent domain, belongs to people of other accounts and to nobody of this
  one. Mail to the wrong company is the most common data breach, so it is refused.
- near: the domain is one edit away from one of this account: a typo, or somebody posing as the partner.
- new: none of these.

Plain values in, plain values out. `flows/mail` decides who can let an address through all the same.
"""

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple, Protocol

from rapidfuzz.distance import OSA

from schemas.addresses import domain_of, key
from schemas.webmail import is_webmail
from transforms.look_alikes import ALIKE

Kind = Literal["known", "elsewhere", "near", "new"]


class Everybody(Protocol):
    """Which accounts have people with an address or domain. Accounts are numbers, in ascending order."""

    def with_address(self, address: str) -> list[int]:
        """The accounts that have a person with this address, given as `addresses.key`."""
        ...

    def with_domain(self, domain: str) -> list[int]:
        """The accounts that have people in this domain, given as `addresses.domain_of`."""
        ...


class Judgement(NamedTuple):
    """An address and its kind; the accounts that have it if it is `elsewhere`, the similar domain if it is `near`."""

    address: str
    kind: Kind
    accounts: tuple[int, ...] = ()
    domain: str = ""


def judge(address: str, account: int, everybody: Everybody, domains: Iterable[str]) -> Judgement:
    """The kind of recipient that an address is for an account.

    domains: those of the account's people; only consumed if nothing else decides.
    """
    holders = everybody.with_address(key(address))
    if account in holders:
        return Judgement(address, "known")
    if others := holders or _of_domain(domain_of(address), account, everybody):
        return Judgement(address, "elsewhere", tuple(others))
    if domain := near_domain(domain_of(address), domains):
        return Judgement(address, "near", domain=domain)
    return Judgement(address, "new")


def near_domain(domain: str, domains: Iterable[str]) -> str:
    """The first of `domains` that this one could be mistaken for, by one edit or by its look; "" if there is none."""
    if not domain or is_webmail(domain):
        return ""
    others = sorted({other for other in domains if other and not is_webmail(other)})
    if domain in others:
        return ""
    return next((other for other in others if _is_near(domain, other)), "")


# ---------------------------------------------------------------------------------------------------------------------


def _of_domain(domain: str, account: int, everybody: Everybody) -> Collection[int]:
    """The other accounts that have this domain or a parent domain; none if this account has it too."""
    while "." in domain and not is_webmail(domain):
        if holders := everybody.with_domain(domain):
            return () if account in holders else holders
        _, _, domain = domain.partition(".")
    return ()


def _is_near(domain: str, other: str) -> bool:
    if _skeleton(domain) == _skeleton(other):
        return True
    if abs(len(domain) - len(other)) > 1:
        return False
    return OSA.distance(domain, other, score_cutoff=1) == 1


# What looks like another letter at a glance: letters of other scripts, digits, pairs
_ALIKE = str.maketrans({**ALIKE, "0": "o", "1": "l"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def _skeleton(domain: str) -> str:
    """The domain with characters that look alike made the same."""
    seen = domain.translate(_ALIKE)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen
