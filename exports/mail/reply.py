"""Reads what a reply needs from a partner's mail: recipients, subject, thread. Its text is never read.

The mail may be hostile, so its headers are read by `headers.py`: anything but a plain address is refused, and an id is
passed on unchanged or not at all.
"""

import re
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import NamedTuple

from exports.mail.draft import Thread
from exports.mail.headers import address_parts, decoded, ids, values
from exports.mail.texts import one_line
from schemas.addresses import is_address
from schemas.errors import ExportRefused

LARGEST = 128 << 10  # bytes of headers: the email package takes quadratic time for parameters
MOST = 10  # addresses to reply to


class Asked(NamedTuple):
    """What a reply needs: `to`, the subject with one `Re:`, the thread."""

    to: tuple[str, ...]
    subject: str
    thread: Thread


def read_mail(path: Path) -> Asked:
    """Read a partner's mail. Raises ExportRefused if that fails, or if it is unclear whom to reply to."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
    except OSError as error:
        raise ExportRefused(
            f"{path} can't be read: {error.strerror}. Check the path, or save the mail as .eml"
        ) from None
    head, blank, _ = _whole_head(data)
    if not blank and len(data) == LARGEST:
        raise ExportRefused(f"{path} is not a mail: its headers have no end. Save the mail as .eml and try again")
    mail = message_from_bytes(head, policy=policy.compat32)
    return Asked(_answered(mail, path), _subject(mail), _thread(mail))


# ---------------------------------------------------------------------------------------------------------------------

_IN_ANGLES = re.compile(r"[^<>]*<([^<>]*)>\s*")
_RE = re.compile(r"(?:re\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def _whole_head(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The headers, to the first empty line."""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    return lines.partition(b"\n\n")


def _answered(mail: Message, path: Path) -> tuple[str, ...]:
    for name in ("Reply-To", "From"):
        given = values(mail, name)
        if len(given) > 1:
            raise ExportRefused(f"{path} has several {name} headers, so it is unclear whom to reply to. Give --to")
        if given and given[0].strip():
            return _addresses(given[0], name, path)
    raise ExportRefused(f"{path} has neither Reply-To nor From, so there is nobody to reply to. Save the mail as .eml")


def _addresses(value: str, name: str, path: Path) -> tuple[str, ...]:
    parts = address_parts(value)
    addresses = [match[1].strip() if (match := _IN_ANGLES.fullmatch(part)) else part.strip() for part in parts]
    if not addresses or len(addresses) > MOST or not all(map(is_address, addresses)):
        raise ExportRefused(f"The header {name} of {path} is not a list of plain addresses. Name the recipient: --to")
    return tuple(dict.fromkeys(addresses))


def _subject(mail: Message) -> str:
    """The subject of the mail with one `Re:` before it."""
    bare = one_line(decoded("".join(values(mail, "Subject")[:1])))
    return f"Re: {_RE.sub('', bare, count=1) if _RE.match(bare) else bare}".strip()


def _thread(mail: Message) -> Thread:
    answered = ids(mail, "Message-ID")[:1]
    if not answered:
        return Thread()
    before = ids(mail, "References") or ids(mail, "In-Reply-To")[:1]
    return Thread(answered[0], tuple(dict.fromkeys([*before, *answered])))
