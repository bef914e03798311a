"""Headers of mails that others wrote: values, ids, addresses. Everything in them may be made to deceive.

The email package's own parsing of addresses and ids is not used: it stumbles over odd ones (cpython #117849) and has
been fooled before (CVE-2023-27043). Whether something is an address that can be written to is a rule of
`schemas/addresses.py`.
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

LONGEST = 10_000  # characters that are decoded: the email package takes the square of them for encoded words


def values(mail: Message, name: str) -> list[str]:
    """The values of the headers of this name, unfolded; letters that came bare are UTF-8, or Western European."""
    raw = [
        str(value).encode(errors="surrogateescape") for key, value in mail.raw_items() if key.lower() == name.lower()
    ]
    return [re.sub(r"[\r\n]+[ \t]*", " ", _letters(value)) for value in raw]


def ids(mail: Message, name: str) -> list[str]:
    """The ids in the one header of this name, as they came; none if there are several such headers."""
    given = values(mail, name)
    return [word for word in given[0].split() if _ID.fullmatch(word)] if len(given) == 1 else []


def decoded(value: str) -> str:
    """With its encoded words in plain letters; what can't be decoded, or is too long for that, stays as it is."""
    if len(value) > LONGEST:
        return value
    try:
        parts = decode_header(value)
        return "".join(
            part if isinstance(part, str) else part.decode(name or "ascii", "replace") for part, name in parts
        )
    except (HeaderParseError, ValueError, LookupError):  # no base64, no such charset
        return value


def address_parts(value: str) -> list[str]:
    """The text between the commas and semicolons of a header of addresses, without quoted names and comments."""
    bare = _COMMENT.sub(" ", _QUOTED.sub(_blank, value))
    return [part for part in re.split("[,;]", bare) if part.strip()]


# ---------------------------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)  # the last one to the end, if it is not closed
_COMMENT = re.compile(r"\([^()]*\)")
_ID = re.compile(r"[!-~]+")


def _blank(quoted: re.Match[str]) -> str:
    return " " if quoted[1] else quoted[0]


def _letters(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")
