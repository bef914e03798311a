"""May an address have an account's report? Each is one of four kinds: known, elsewhere, near or new.

- known: a person of this very account. Nothing is asked.
- elsewhere: the address is a person's of other accounts, or its domain (or one above it) is one of theirs, and nobody
  of this account has it. The commonest data breach is a mail to the wrong company: it is refused.
- near: the domain is one edit away from one of this account: a slip, or somebody who would like to be taken for it.
- new: none of these.

Plain values in, plain values out. Who lets an address through all the same is in `flows/mail`.
"""

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple, Protocol

from rapidfuzz.distance import OSA

from schemas.addresses import domain_of, key
from schemas.webmail import is_webmail
from transforms.look_alikes import ALIKE

Kind = Literal["known", "elsewhere", "near", "new"]


class Everybody(Protocol):
    """Whose the addresses and domains of all accounts' people are. Accounts are numbers, in ascending order."""

    def with_address(self, address: str) -> list[int]:
        """The accounts that have a person with this address, as `addresses.key` has it."""
        ...

    def with_domain(self, domain: str) -> list[int]:
        """The accounts that have people of this domain, as `addresses.domain_of` has it."""
        ...


class Judgement(NamedTuple):
    """An address, its kind, the accounts that it belongs to if it is `elsewhere`, and the domain that it is `near`."""

    address: str
    kind: Kind
    accounts: tuple[int, ...] = ()
    domain: str = ""


def judge(address: str, account: int, everybody: Everybody, domains: Iterable[str]) -> Judgement:
    """What kind of recipient an address is for an account. domains: those of the account's people, read last, and
    only if need be."""
    holders = everybody.with_address(key(address))
    if account in holders:
        return Judgement(address, "known")
    if others := holders or _of_domain(domain_of(address), account, everybody):
        return Judgement(address, "elsewhere", tuple(others))
    if domain := near_domain(domain_of(address), domains):
        return Judgement(address, "near", domain=domain)
    return Judgement(address, "new")


def near_domain(domain: str, domains: Iterable[str]) -> str:
    """The one of `domains` that this one could be taken for, one edit away or alike to the eye; "" if there is none."""
    if not domain or is_webmail(domain):
        return ""
    others = sorted({other for other in domains if other and not is_webmail(other)})
    if domain in others:
        return ""
    return next((other for other in others if _is_near(domain, other)), "")


# ---------------------------------------------------------------------------------------------------------------------


def _of_domain(domain: str, account: int, everybody: Everybody) -> Collection[int]:
    """The other accounts that have this domain or one above it; none if this account has it too."""
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


# What a reader in a hurry takes for one letter: letters of other scripts, digits, pairs
_ALIKE = str.maketrans(
    {
        **ALIKE,
        **dict(zip("01", "ol", strict=True)),
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def _skeleton(domain: str) -> str:
    """The domain as the eye sees it."""
    seen = domain.translate(_ALIKE)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen
