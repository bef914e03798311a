"""Reads headers of mails from outside: values, ids, addresses. They may be hostile.

The email package's own parsing of addresses and ids is not used: it fails on odd ones (cpython #117849) and has been
fooled before (CVE-2023-27043). What is a valid address is decided by `schemas/addresses.py`.
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

LONGEST = 10_000  # characters that are decoded: the email package takes quadratic time for encoded words


def values(mail: Message, name: str) -> list[str]:
    """The unfolded values of all headers of this name; raw 8-bit characters are read as UTF-8, else as cp1252."""
    raw = [
        str(value).encode(errors="surrogateescape") for key, value in mail.raw_items() if key.lower() == name.lower()
    ]
    return [re.sub(r"[\r\n]+[ \t]*", " ", _letters(value)) for value in raw]


def ids(mail: Message, name: str) -> list[str]:
    """The ids in the header of this name, unchanged; none if there are several such headers.

    A header that has no whole id in angle brackets may have bare ones, but no part of a broken one.
    """
    given = values(mail, name)
    if len(given) != 1:
        return []
    words = [] if re.search("[<>]", given[0]) else given[0].split()
    return _BRACKETED.findall(given[0]) or [word for word in words if _ID.fullmatch(word)]


def decoded(value: str) -> str:
    """Decode the encoded words of a value; one that is invalid or too long is returned unchanged."""
    if len(value) > LONGEST:
        return value
    try:
        parts = decode_header(value)
        return "".join(
            part if isinstance(part, str) else part.decode(name or "ascii", "replace") for part, name in parts
        )
    except (HeaderParseError, ValueError, LookupError):  # invalid base64, or an unknown charset
        return value


def address_parts(value: str) -> list[str]:
    """The parts of a header of addresses between commas and semicolons, without quoted names and comments."""
    bare = _COMMENT.sub(" ", _QUOTED.sub(_blank, value))
    return [part for part in re.split("[,;]", bare) if part.strip()]


# ---------------------------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)  # an unclosed one reaches to the end
_COMMENT = re.compile(r"\([^()]*\)")
_ID = re.compile(r"[!-~]+")
_BRACKETED = re.compile(r"<[!-;=?-~]+>")


def _blank(quoted: re.Match[str]) -> str:
    return " " if quoted[1] else quoted[0]


def _letters(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")
