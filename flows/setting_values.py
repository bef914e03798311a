"""Parses the values of settings. Raises WrongUsage, with the name of the variable, for an invalid value."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from schemas.addresses import ascii_address, is_address
from schemas.errors import WrongUsage
from schemas.profiles import PROFILES, Profile

PREFIX = "PARTNER_CERTS_"


def parse_profile(value: str) -> Profile:
    """The profile of reports."""
    for profile in PROFILES:
        if value == profile:
            return profile
    raise WrongUsage(f"The profile {value!r} is neither intl nor eu. Correct --profile or {PREFIX}PROFILE")


def parse_encoding(value: str | None) -> str | None:
    """The encoding by its name in Python, which knows most of the names in use."""
    if value is None:
        return None
    try:
        "".encode(value)  # also refuses codecs that are not text encodings
        return codecs.lookup(value).name
    except (LookupError, ValueError):  # ValueError: a NUL in it
        raise WrongUsage(
            f"There is no encoding {value!r}. Give one such as cp1250 or mac-roman with --encoding or {PREFIX}ENCODING"
        ) from None


def parse_proof(value: str) -> tuple[str, str]:
    """The id and name of the account that proves the tenant."""
    account_id, sign, name = (part.strip() for part in value.partition("="))
    if not (account_id and sign and name):
        raise WrongUsage(f"{PREFIX}IMPARTNER_PROOF is not ID=NAME. Set it to an account's id, a = and its name")
    return account_id, name


def parse_sender(value: str) -> str:
    """The From header of drafts; "" if there is none."""
    if not value:
        return ""
    from email.utils import formataddr, parseaddr  # late: 10 ms, and only if a sender is set

    name, address = parseaddr(value)
    if not is_address(address) or not value.isprintable():
        raise WrongUsage(f"{PREFIX}MAIL_FROM is not one address. Set it to name@domain, or to Name <name@domain>")
    return formataddr((name, ascii_address(address)))


def whole_number(values: Mapping[str, str], name: str, default: int) -> int:
    """A variable (named without PREFIX) as a whole number above 0."""
    number = positive_number(values, name, default)
    if number % 1:
        raise WrongUsage(f"{PREFIX}{name} is not a whole number. Correct or unset it")
    return int(number)


def positive_number(values: Mapping[str, str], name: str, default: float) -> float:
    """A variable (named without PREFIX) as a number above 0."""
    text = values.get(PREFIX + name)
    try:
        number = default if text is None else float(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise WrongUsage(f"{PREFIX}{name} is not a number above 0. Correct or unset it")
    return number
