"""Reads from a sent mail what went to whom: id, date, recipients, attachments.

It may be hostile, because people forward what others sent them. What can't be parsed is replaced: the id by a hash of
the mail, the date by its arrival in the folder. Whatever contains an @ counts as a recipient.
"""

import hashlib
import re
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parsedate_tz
from quopri import decodestring
from typing import NamedTuple

from exports.mail.headers import address_parts, decoded, ids, values
from exports.mail.texts import one_line
from schemas.addresses import key

DEEPEST = 20  # mails within mails


class Part(NamedTuple):
    """A file in a mail; its name may be ""."""

    name: str
    data: bytes


class SentMail(NamedTuple):
    """What went to whom, and when. `to`: the recipients in To, Cc and Bcc."""

    message_id: str
    at: datetime
    to: tuple[str, ...]
    parts: tuple[Part, ...]


def read_sent(data: bytes, arrived: datetime) -> SentMail | None:
    """Read a mail; None if it can't be parsed, or would take too long. arrived: when it came into its folder."""
    if _is_bomb(data):
        return None
    try:
        mail = message_from_bytes(data, policy=policy.compat32)
        return SentMail(_id(mail, data), _date(mail) or arrived, _recipients(mail), tuple(_parts(mail)))
    except Exception:  # noqa: BLE001  the email package may raise anything for a hostile mail; the others must be read
        return None


# ---------------------------------------------------------------------------------------------------------------------

_RECIPIENTS = ("To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc")
_BETWEEN = re.compile(r"[\s<>:()\"]+")
_IN_ANGLES = re.compile(r"<([^<>]*)>")
_BODIES = ("text/plain", "text/html")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_DECODERS: dict[str, Callable[[bytes], bytes]] = {"base64": a2b_base64, "quoted-printable": decodestring}
_LONGEST = 320  # characters of a name, and of an address, of which the last ones are kept
_LONGEST_ID = 998  # characters that a line may have
_BOUNDARY = re.compile(rb"boundary\s*\*?\d*\*?=", re.IGNORECASE)
_LONG_PARAMETERS = re.compile(rb"(?im)^content-[a-z-]*:(?:[^\r\n]|[\r\n]{1,2}[ \t]){32768}")
_MOST_COMPARED = 50_000_000  # comparisons of a line with a boundary: about ten seconds


def _is_bomb(data: bytes) -> bool:
    """Whether the email package would take minutes or longer.

    It takes quadratic time for a header's parameters, and compares each line with every open boundary.
    """
    boundaries = len(_BOUNDARY.findall(data))
    return boundaries * data.count(b"\n") > _MOST_COMPARED or _LONG_PARAMETERS.search(data) is not None


def _id(mail: Message, data: bytes) -> str:
    """The Message-ID; for a mail with none or several, a hash of its bytes."""
    known, given = ids(mail, "Message-ID"), values(mail, "Message-ID")
    if len(known) == 1 and known[0] == given[0].strip() and len(known[0]) <= _LONGEST_ID:
        return known[0]
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _date(mail: Message) -> datetime | None:
    given = values(mail, "Date")
    parsed = parsedate_tz(given[0]) if given else None
    if parsed is None:
        return None
    try:
        zone = timezone(timedelta(seconds=parsed[9] or 0))
        date = datetime(*parsed[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):  # there is no such date
        return None
    return date if date >= _EARLIEST else None


def _recipients(mail: Message) -> tuple[str, ...]:
    """All recipients, each once. Whatever contains an @ counts, however odd, so that nobody is overlooked."""
    parts = (part for name in _RECIPIENTS for value in values(mail, name) for part in address_parts(value))
    by_key = {key(address): address for part in parts for address in _addresses(part)}
    return tuple(by_key.values())


def _addresses(part: str) -> list[str]:
    in_angles = [text for text in _IN_ANGLES.findall(part) if "@" in text]
    words = _BETWEEN.split(in_angles[-1] if in_angles else part)
    return [one_line(word)[-_LONGEST:] for word in words if "@" in word]


def _parts(mail: Message, depth: int = 0) -> Iterator[Part]:
    for part in mail.walk():
        if part.is_multipart():
            yield from _encoded_mail(part, depth)
        else:
            name = _name(part)
            if name or part.get_content_type() not in _BODIES or part.get_content_disposition() == "attachment":
                payload = part.get_payload(decode=True)
                yield Part(name, payload if isinstance(payload, bytes) else b"")


def _encoded_mail(part: Message, depth: int) -> Iterator[Part]:
    """The parts of an attached mail that is encoded. The standard forbids the encoding, but some programs use it."""
    decode = _DECODERS.get(str(part.get("Content-Transfer-Encoding", "")).strip().lower())
    payload = part.get_payload()
    inner = payload[0].get_payload() if isinstance(payload, list) and isinstance(payload[0], Message) else None
    if decode and part.get_content_maintype() == "message" and isinstance(inner, str) and depth < DEEPEST:
        yield from _parts(message_from_bytes(decode(inner.encode("ascii", "replace"))), depth + 1)


def _name(part: Message) -> str:
    """The file name; if it can't be parsed, the header's text after `name=`."""
    try:
        name = part.get_filename()
    except Exception:  # noqa: BLE001  the email package may raise anything for odd parameters
        name = None
    if not name:
        given = " ".join([*values(part, "Content-Disposition"), *values(part, "Content-Type")])
        name = given.partition("name=")[2].strip('" ')
    return one_line(decoded(name))[:_LONGEST]
