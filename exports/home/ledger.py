"""The ledger: an append-only file with one line per decision, release or mail, and how accounts are known in it.

A decision is about one account and the bytes of one report; `decisions.py` knows which one is in force. Lines about
mail decide nothing: what was drafted and sent, who confirmed a recipient, who has seen an alarm. They belong to
`sent.py`.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, TypeGuard

from exports.home.files import sync_folder
from exports.home.layout import Home
from schemas.errors import NotAllowed
from schemas.names import fold

What = Literal["approve", "hold", "reject", "undo", "release", "drafted", "sent", "contact", "ack"]
Key = tuple[str, str]


class Line(TypedDict):
    """One line of the ledger; `at` is in UTC."""

    at: str
    what: What
    run: str
    account: str
    account_id: str | None
    sha256: str | None
    by: str
    reason: str
    # only lines about mail, see `sent.py`
    to: NotRequired[list[str]]
    attachment_sha256: NotRequired[str]
    attachments: NotRequired[list[str]]
    message_id: NotRequired[str]
    confirmed: NotRequired[bool]


def key(account: str, account_id: str | None) -> Key:
    """The key of an account: its id or, without one, its folded name."""
    return ("id", account_id) if account_id else ("name", fold(account))


def keys(account: str, account_id: str | None) -> tuple[Key, ...]:
    """The keys that an account may have in a file by people: its id, its name, or its name with a formula guard."""
    return key(account, account_id), key(account, None), key(f"'{account}", None)


def timestamp(moment: datetime) -> str:
    """A time as in the ledger and in manifests: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(home: Home) -> list[Line]:
    """All lines, oldest first, without an unfinished last line of a killed command.

    Raises NotAllowed if a line can't be read.
    """
    return decode(_whole_lines(_bytes(home.ledger)), home.ledger)


def read_from(home: Home, offset: int) -> tuple[list[Line], int]:
    """The lines from a byte on, and the byte after the last complete one. Raises NotAllowed like `read`."""
    try:
        with home.ledger.open("rb") as file:
            file.seek(offset)
            data = _whole_lines(file.read())
    except FileNotFoundError:
        return [], 0
    return decode(data, home.ledger), offset + len(data)


def read_some(home: Home, *parts: str) -> list[Line]:
    """Like `read`, but only the lines that contain one of these texts, made by `part`.

    For one mail, it would take too long to parse everything that was ever decided.
    """
    data = _whole_lines(_bytes(home.ledger))
    starts = {data.rfind(b"\n", 0, at) + 1 for one in parts for at in _places(data, one.encode())}
    return decode(b"".join(data[start : data.index(b"\n", start) + 1] for start in sorted(starts)), home.ledger)


def part(name: str, value: str | None) -> str:
    """A key and its value as they are written in a line."""
    return f'"{name}": {json.dumps(value, ensure_ascii=False)}'


def append(home: Home, lines: Iterable[Line]) -> None:
    """Add lines, all or none, and return when they survive a power cut. Requires `Home.writing`."""
    data = encode(lines)
    if not data:
        return
    descriptor = os.open(home.ledger, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        before = _drop_unfinished(file.fileno())
        try:
            written = 0
            while written < len(data):
                written += file.write(data[written:])
            os.fsync(file.fileno())
        except OSError:  # such as a full disk: part of several decisions would be worse than none
            os.ftruncate(file.fileno(), before)
            raise
    sync_folder(home.root)


def encode(lines: Iterable[Line]) -> bytes:
    """The bytes of lines."""
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def decode(data: bytes, path: Path) -> list[Line]:
    """Lines from bytes of `path`. Raises NotAllowed if one can't be read."""
    texts = data.split(b"\n")[:-1]
    with suppress(ValueError):
        lines: list[Line] = json.loads(b"[" + b",".join(texts) + b"]")  # three times faster than line by line
        if len(lines) == len(texts) and all(map(_is_line, lines)):
            return lines
    return [_parsed(text, number, path) for number, text in enumerate(texts, start=1)]


# ----------------------------------------------------------------------------------------------------------------------

_BLOCK = 4096  # bytes to read at once


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _places(data: bytes, wanted: bytes) -> Iterator[int]:
    at = data.find(wanted)
    while at >= 0:
        yield at
        at = data.find(wanted, at + len(wanted))


def _whole_lines(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def _parsed(text: bytes, number: int, path: Path) -> Line:
    line = None
    with suppress(ValueError):
        line = json.loads(text)
    if not _is_line(line):
        raise NotAllowed(
            f"Line {number} of {path} can't be read, so nobody knows what is decided. "
            "Put the ledger back from a backup, then try again"
        )
    return line


def _is_line(value: Any) -> TypeGuard[Line]:
    return isinstance(value, dict) and value.keys() >= Line.__required_keys__


def _drop_unfinished(descriptor: int) -> int:
    """Cut off an unfinished line, which no command ever reported. Returns the size of the complete lines in bytes."""
    size = os.fstat(descriptor).st_size
    whole = _end_of_last_line(descriptor, size)
    if whole < size:
        os.ftruncate(descriptor, whole)
    return whole


def _end_of_last_line(descriptor: int, size: int) -> int:
    """The end of the last complete line, searched backwards, because a ledger can be long."""
    for start in range((size - 1) // _BLOCK * _BLOCK, -1, -_BLOCK):
        if (end := os.pread(descriptor, _BLOCK, start).rfind(b"\n")) >= 0:
            return start + end + 1
    return 0
