"""The mailbox (IMAP): appends drafts and reads sent mails. It never changes or sends a mail.

A draft is appended with its flags in one step: if they were set afterwards, some servers would keep it twice. Folders
of sent mails are opened read-only (EXAMINE) and read without setting flags (BODY.PEEK). `connection.py` connects and
logs in. Errors become Unreachable with a message from `mailbox_failures.py`: exceptions of the IMAP client may contain
what was sent to the server.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from imaplib import IMAP4, Internaldate2tuple
from typing import NamedTuple

from imap_tools import A, BaseMailBox, FolderInfo
from imap_tools.errors import ImapToolsError, MailboxFetchError
from imap_tools.utils import check_command_status

from exports.mail.access import Access
from exports.mail.connection import close, connect, log_in
from exports.mail.folders import Found, Use, find_folders
from exports.mail.mailbox_failures import Failure, failure_of
from schemas.errors import Unreachable

SECONDS = 60.0  # timeout of each response
AT_ONCE = 200  # mails that are fetched together ...
BYTES_AT_ONCE = 8 << 20  # ... and their total size, unless a single one is larger
LARGEST = 150 << 20  # bytes of a mail; no provider sends larger ones


class Raw(NamedTuple):
    """The bytes of a mail, and when it arrived in its folder. `data` is None if it is too large to be read."""

    data: bytes | None
    arrived: datetime


class Mailbox:
    """An open mailbox, made by `open_mailbox`."""

    def __init__(self, client: BaseMailBox, access: Access) -> None:
        self._client, self._access = client, access
        self._folders: dict[Use, Found] = {}

    def folders(self, use: Use) -> Found:
        """The folders for drafts or for sent mails. Raises Unreachable if there is none."""
        if use not in self._folders:
            with _asking(self._access):
                self._folders[use] = find_folders(self._list(), use)
        folders = self._folders[use]
        if not folders.names:
            remedy = (
                "Mark one of them in the mailbox" if "several" in folders.notice else "Make one in your mail program"
            )
            raise _unreachable(self._access, Failure(folders.notice, remedy))
        return folders

    def append(self, message: bytes) -> None:
        """Put a draft into the folder for drafts."""
        folder = self.folders("drafts").names[0]
        with _asking(self._access):
            self._client.append(message, folder, flag_set=("\\Draft", "\\Seen"))

    def sent(self, since: date | None = None) -> Iterator[Raw]:
        """The mails in all folders for sent mails. since: leave out older ones, but for some from the day before."""
        with _asking(self._access):
            for folder in self.folders("sent").names:
                self._client.folder.set(folder, readonly=True)
                # the server compares dates in its own time zone
                criteria = A(date_gte=since - timedelta(days=1)) if since else "ALL"
                yield from self._fetched(self._client.uids(criteria, charset=None))

    def _list(self) -> Sequence[FolderInfo]:
        _, (capabilities, *_) = self._client.client.capability()
        marks_if_asked = {b"LIST-EXTENDED", b"SPECIAL-USE"} <= set(capabilities.upper().split())
        # imap-tools does not quote bytes
        pattern = b'"*" RETURN (SPECIAL-USE)' if marks_if_asked else b'"*"'
        return self._client.folder.list("", pattern)  # type: ignore[arg-type]

    def _fetched(self, uids: Sequence[str]) -> Iterator[Raw]:
        for first in range(0, len(uids), AT_ONCE):
            sizes = self._sizes(uids[first : first + AT_ONCE])
            for some in _batches(sizes):
                if sizes[some[0]] > LARGEST:
                    yield from self._read(some, "(UID INTERNALDATE)")
                else:
                    yield from self._read(some, "(UID INTERNALDATE BODY.PEEK[])")

    def _sizes(self, uids: Sequence[str]) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for line in self._ask(uids, "(UID RFC822.SIZE)"):
            uid, size = _UID.search(_head(line)), _SIZE.search(_head(line))
            if uid and size:
                sizes[uid[1].decode()] = int(size[1])
        return sizes

    def _read(self, uids: Sequence[str], parts: str) -> Iterator[Raw]:
        """Fetch parts of mails. A mail with a body is a pair of its line and its bytes; other items are no mails."""
        for item in self._ask(uids, parts):
            if isinstance(item, tuple):
                yield Raw(item[1], _arrived(item[0]))
            elif "BODY" not in parts and _UID.search(item):
                yield Raw(None, _arrived(item))

    def _ask(self, uids: Sequence[str], parts: str) -> list[bytes | tuple[bytes, bytes]]:
        result = self._client.client.uid("FETCH", ",".join(uids), parts)
        check_command_status(result, MailboxFetchError)
        return [item for item in result[1] if item]


@contextmanager
def open_mailbox(access: Access) -> Iterator[Mailbox]:
    """Log in to the mailbox, over one connection that is closed at the end.

    Raises Unreachable if that fails, and WrongUsage if a certificate file can't be read.
    """
    with _asking(access):
        client = connect(access)
    try:
        with _asking(access, logging_in=True):
            client.client.sock.settimeout(SECONDS)
            log_in(client, access)
        yield Mailbox(client, access)
    finally:
        close(client)


# ---------------------------------------------------------------------------------------------------------------------

_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")


@contextmanager
def _asking(access: Access, *, logging_in: bool = False) -> Iterator[None]:
    """Turn any error into Unreachable, with a message of our own."""
    try:
        yield
    except (IMAP4.error, ImapToolsError, OSError, ValueError, LookupError) as problem:
        raise _unreachable(access, failure_of(problem, access, logging_in=logging_in)) from None


def _unreachable(access: Access, failure: Failure) -> Unreachable:
    return Unreachable(f"The mailbox at {access.host} {failure.what}. {failure.remedy}")


def _batches(sizes: dict[str, int]) -> Iterator[list[str]]:
    """The ids of the mails in batches that fit into memory. sizes: in bytes, by id."""
    some: list[str] = []
    weight = 0
    for uid, size in sizes.items():
        if some and weight + size > BYTES_AT_ONCE:
            yield some
            some, weight = [], 0
        some.append(uid)
        weight += size
    if some:
        yield some


def _head(item: bytes | tuple[bytes, bytes]) -> bytes:
    return item[0] if isinstance(item, tuple) else item


def _arrived(line: bytes) -> datetime:
    """When the mail arrived in its folder; 1970 if the server does not say."""
    local = Internaldate2tuple(line)
    return datetime.fromtimestamp(time.mktime(local) if local else 0, UTC)
