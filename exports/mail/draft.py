"""Makes the bytes of a draft: for an .eml file, and for the drafts folder of a mailbox.

With `X-Unsent: 1` it opens in the mail program's compose window. There is no Date, no Message-ID and no Bcc: the mail
program sets them when a person sends it. Attachments are base64, or their line ends would get lost in transport.
Addresses and ids must be valid and are written unchanged. The few MIME parts are assembled here, because the email
package takes five times as long.
"""

import hashlib
from base64 import encodebytes
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from email import policy
from functools import cache
from typing import NamedTuple

from exports.mail.texts import Text
from schemas.addresses import ascii_address

LONGEST_SUBJECT = 500  # characters
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Attachment(NamedTuple):
    """A file to attach, and the hash of its bytes; its name is ASCII, and the suffix gives the content type."""

    name: str
    data: bytes
    sha256: str


def attachment(name: str, data: bytes) -> Attachment:
    """Make an attachment, with the hash of its bytes."""
    return Attachment(name, data, hashlib.sha256(data).hexdigest())


class Thread(NamedTuple):
    """The ids that put a reply into the thread of a mail, unchanged."""

    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def message(
    text: Text,
    to: Sequence[str],
    cc: Sequence[str],
    sender: str,
    attachments: Iterable[Attachment],
    thread: Thread = Thread(),  # noqa: B008  immutable
) -> bytes:
    """The bytes of a draft. Addresses must be valid (`addresses.is_address`); `sender` may be `Name <address>`."""
    parts = [_alternatives(text), *map(_attached, attachments)]
    headers = [
        "X-Unsent: 1\r\n",
        _from(sender),
        _addresses("To", to),
        _addresses("Cc", cc),
        _subject(text.subject),
        _ids("In-Reply-To", [thread.in_reply_to]),
        _ids("References", thread.references),
        "MIME-Version: 1.0\r\n",
    ]
    return "".join(headers).encode("ascii") + _multipart("mixed", parts)


# ---------------------------------------------------------------------------------------------------------------------

_END = "\r\n"
_WIDTH, _LONGEST = 76, 998  # characters of a line without its end: usual, and allowed
_IN_A_WORD = 39  # bytes in an encoded word, so that the line with "Subject: " is not longer than usual


@cache
def _from(sender: str) -> str:
    header: str = policy.SMTP.header_factory("From", sender).fold(policy=policy.SMTP)
    return header if sender else ""


def _subject(subject: str) -> str:
    """The subject as plain ASCII, or all of it as encoded words: a blank between two of them would get lost, and text
    that looks like an encoded word would be decoded."""
    shown = subject[:LONGEST_SUBJECT]
    is_plain = shown.isascii() and shown.isprintable() and "=?" not in shown and len(shown) < _WIDTH - len("Subject: ")
    lines = [shown] if is_plain else _encoded_words(shown)
    return f"Subject: {(_END + ' ').join(lines)}{_END}"


def _encoded_words(text: str) -> Iterator[str]:
    """Encoded words (RFC 2047) of at most 75 characters, each of whole characters. The email package tries two
    encodings for every character, which takes as long as the rest of the mail."""
    word = b""
    for letter in text:
        data = letter.encode()
        if len(word) + len(data) > _IN_A_WORD:
            yield f"=?utf-8?b?{b2a_base64(word, newline=False).decode()}?="
            word = b""
        word += data
    yield f"=?utf-8?b?{b2a_base64(word, newline=False).decode()}?="


def _addresses(name: str, addresses: Sequence[str]) -> str:
    """A header of addresses. To is written even if it is empty, for a person to fill in."""
    if not addresses and name != "To":
        return ""
    lines = ",\r\n ".join(map(ascii_address, addresses))
    return f"{name}: {lines}\r\n"


def _ids(name: str, ids: Sequence[str]) -> str:
    """A header of ids on one line, unchanged: folding or encoding would break the thread. If there are too many, the
    first and the last ones are kept.

    The email package turns ids of more than 77 characters into encoded words (cpython #100991).
    """
    room = _LONGEST - len(name) - len(": ")
    kept = [one for one in ids if one and len(one) <= room]
    while len(" ".join(kept)) > room:
        del kept[1 if len(kept) > 2 else 0]
    return f"{name}: {' '.join(kept)}\r\n" if kept else ""


def _alternatives(text: Text) -> bytes:
    return _multipart("alternative", [_text("plain", text.text), _text("html", text.html)])


def _text(kind: str, text: str) -> bytes:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    return _part(f"text/{kind}; charset=utf-8", lines.encode())


def _attached(attachment: Attachment) -> bytes:
    kind = TYPES[attachment.name.rpartition(".")[2]]
    disposition = f'Content-Disposition: attachment; filename="{attachment.name}"\r\n'
    return _part(kind, attachment.data, disposition)


def _part(kind: str, data: bytes, more: str = "") -> bytes:
    headers = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return headers.encode("ascii") + encodebytes(data).replace(b"\n", b"\r\n")


def _multipart(kind: str, parts: Sequence[bytes]) -> bytes:
    """A multipart entity. Its boundary is a hash of the parts, and can't occur in base64."""
    boundary = f"=_{hashlib.sha256(b''.join(parts)).hexdigest()[:32]}"
    header = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    divider = f"--{boundary}\r\n".encode()
    body = b"\r\n".join(divider + part for part in parts)
    return header + body + f"\r\n--{boundary}--\r\n".encode()
