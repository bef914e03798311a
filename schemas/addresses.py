"""E-mail addresses of recipients: which are valid, and how two are compared. One text at a time.

This is stricter than the rule for a person's Email in an export (`schemas/values.py`), because mail programs must be
able to send to a recipient. `transforms/recipients.py` decides who may have which report.
"""

import re
import unicodedata
from contextlib import suppress

_LOCAL = r"[A-Za-z0-9_][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63}"  # a leading = + - would be a formula in contacts.csv
_ADDRESS = re.compile(rf"({_LOCAL})@([^\W_](?:[\w.-]{{0,251}}[^\W_])?)")
_LONGEST = 254  # characters of an address, by RFC 5321


def split(cell: str) -> list[str]:
    """The addresses in a cell, separated by semicolons."""
    return [address for part in cell.split(";") if (address := part.strip())]


def is_address(text: str) -> bool:
    """Whether a mail program can send to it: one plain address, without a name, quotes or a list."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and len(text) <= _LONGEST and _ascii(match[2]) is not None


def ascii_address(address: str) -> str:
    """The address as in mail headers, its domain in punycode. It must be valid."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_ascii(domain)}"


def key(address: str) -> str:
    """The address for comparing: trimmed, without letter case, its domain decoded from punycode."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local.casefold()}{at}{decoded(domain)}"


def domain_of(address: str) -> str:
    """The domain for comparing; "" if there is none."""
    return key(address).rpartition("@")[2] if "@" in address else ""


def decoded(domain: str) -> str:
    """A domain for comparing: decoded from punycode, in NFKC, lower case, without a trailing dot."""
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower().rstrip(".")  # true of nearly all
    labels = (_decoded_label(label) for label in unicodedata.normalize("NFKC", domain).casefold().split("."))
    return ".".join(labels).rstrip(".")


# ---------------------------------------------------------------------------------------------------------------------


def _decoded_label(label: str) -> str:
    with suppress(UnicodeError):  # a label that is not punycode stays as it is
        return label.encode("ascii").decode("idna").casefold()
    return label


def _ascii(domain: str) -> str | None:
    """The domain in punycode; None if it can't be one."""
    try:
        labels = [label.encode("idna").decode("ascii") if not label.isascii() else label for label in domain.split(".")]
    except UnicodeError:
        return None
    return ".".join(labels) if all(0 < len(label) < 64 for label in labels) else None
