"""E-mail addresses of recipients: which can be written to, and how two of them are compared, one text at a time.

Whether a person's Email in an export is an address at all is a rule of `schemas/stages.py`; an address in a To is held
to more, for mail programs must be able to send to it. Who may have what is decided by `transforms/recipients.py`.
"""

import re
import unicodedata
from contextlib import suppress

_LOCAL = r"[A-Za-z0-9_][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63}"  # a leading = + - would be a formula in contacts.csv
_ADDRESS = re.compile(rf"({_LOCAL})@([^\W_](?:[\w.-]{{0,251}}[^\W_])?)")
_LONGEST = 254  # characters of an address, by RFC 5321


def split(cell: str) -> list[str]:
    """The addresses of a cell: several have a semicolon between them."""
    return [address for part in cell.split(";") if (address := part.strip())]


def is_address(text: str) -> bool:
    """Whether a mail program can send to it: one plain address, without a name, quotes or a list."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and len(text) <= _LONGEST and _ascii(match[2]) is not None


def ascii_address(address: str) -> str:
    """The address as headers have it, its domain in punycode. It must be an address."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_ascii(domain)}"


def key(address: str) -> str:
    """The address as it is compared: letter case and blanks around it ignored, its domain decoded from punycode."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local.casefold()}{at}{decoded(domain)}"


def domain_of(address: str) -> str:
    """The domain as it is compared; "" if there is none."""
    return key(address).rpartition("@")[2] if "@" in address else ""


def decoded(domain: str) -> str:
    """A domain as it is compared: decoded from punycode, in NFKC, lower case, without a dot at its end."""
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower().rstrip(".")  # nearly all are
    labels = (_decoded_label(label) for label in unicodedata.normalize("NFKC", domain).casefold().split("."))
    return ".".join(labels).rstrip(".")


# ---------------------------------------------------------------------------------------------------------------------


def _decoded_label(label: str) -> str:
    with suppress(UnicodeError):  # what is no punycode stays as it is
        return label.encode("ascii").decode("idna").casefold()
    return label


def _ascii(domain: str) -> str | None:
    """The domain in punycode; None if it can't be one."""
    try:
        labels = [label.encode("idna").decode("ascii") if not label.isascii() else label for label in domain.split(".")]
    except UnicodeError:
        return None
    return ".".join(labels) if all(0 < len(label) < 64 for label in labels) else None
