"""Writing report files, reading them back, proving and hashing them, some accounts at a time.

Reports go into a staging folder that nobody reads yet, so files need no temporary names. A report that partners already
have is linked, not rewritten. `encode.py` makes the bytes; `link.py` links those of a whole earlier run.
"""

import errno
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import polars as pl

from exports.home import ready
from exports.home.files import read_whole
from exports.home.layout import Home, reports_folder
from exports.home.matching import former_name, match
from exports.reports.encode import Lines, Piece, header, pieces, prove
from schemas.manifest import AccountRow
from schemas.profiles import Profile

WRITERS = 3  # pieces written at once


class Ready(NamedTuple):
    """The report that partners have: its hash, a file with its bytes, and whether the account still has that name."""

    sha256: str
    file: Path
    same_name: bool


Before = Mapping[int, Ready]  # by account


class Batch(NamedTuple):
    """Some accounts to write, with everything that this takes, because it may run in another process.

    files: the file name of each of the piece's accounts. before: the ready reports of those that have one.
    """

    piece: Piece
    files: list[str]
    before: Before


Write = Callable[[Batch, Path], pl.DataFrame]  # writes a batch into a folder
# Writes batches into a folder and yields their results in order
Gather = Callable[[Write, Iterable[Batch], Path], Iterator[pl.DataFrame]]


def ready_reports(home: Home, accounts: pl.DataFrame) -> Before:
    """The ready reports of these accounts (`account`, `name`, `account_id`), by account.

    `file` is in the run that the report came from, not in ready/, which must not depend on links to it.
    """
    have = ready.rows(home)
    if not have:
        return {}
    pairs = accounts.select("name", "account_id").iter_rows()
    now = [AccountRow(account=name, account_id=account_id) for name, account_id in pairs]
    return {
        number: Ready(row["sha256"], reports_folder(home, row["run"]) / row["file"], not former_name(account, row))
        for number, account, row in zip(accounts["account"], now, match(now, have), strict=True)
        if row is not None
    }


def in_threads(write: Write, batches: Iterable[Batch], folder: Path) -> Iterator[pl.DataFrame]:
    """Write batches while the next ones are being made; only a few at a time, because each takes memory."""
    waiting: deque[Future[pl.DataFrame]] = deque()
    with ThreadPoolExecutor(max_workers=WRITERS) as pool:
        for batch in batches:
            waiting.append(pool.submit(write, batch, folder))
            if len(waiting) > WRITERS:
                yield waiting.popleft().result()
        for one in waiting:
            yield one.result()


def write_reports(
    lines: Lines, accounts: pl.DataFrame, folder: Path, before: Before, gather: Gather = in_threads
) -> pl.DataFrame:
    """Write one file per account into `folder` and prove it. Returns `account`, `rows`, `bytes`, `sha256` and `change`
    of each account, by number.

    accounts: `account` and `file` of each account that has lines. gather: what writes the batches.
    """
    files = accounts.select("account", "file")
    batches = (_batch(piece, files, before) for piece in pieces(lines))
    write = partial(write_batch, profile=lines.profile)
    return pl.concat([_NOTHING, *gather(write, batches, folder)])


def write_batch(batch: Batch, folder: Path, profile: Profile) -> pl.DataFrame:
    """Write and prove the reports of one batch; returns its part of the result of `write_reports`."""
    piece, top = batch.piece, header(profile)
    prove(piece, profile)
    folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        reports = zip(_slices(piece), batch.files, piece.accounts["account"], strict=True)
        fates = [_put(folder_fd, name, top + body, batch.before.get(account)) for body, name, account in reports]
    finally:
        os.close(folder_fd)
    return piece.accounts.with_columns(
        pl.col("bytes") + len(top),
        sha256=pl.Series([sha for sha, _ in fates], dtype=pl.String),
        change=pl.Series([change for _, change in fates], dtype=pl.String),
    )


def prove_reports(lines: Lines) -> None:
    """Prove everything that `write_reports` proves, without writing files. Raises AssertionError."""
    for piece in pieces(lines):
        prove(piece, lines.profile)


# ----------------------------------------------------------------------------------------------------------------------

_NOTHING = pl.DataFrame(
    schema={"account": pl.UInt32, "rows": pl.UInt32, "bytes": pl.UInt64, "sha256": pl.String, "change": pl.String}
)


def _batch(piece: Piece, files: pl.DataFrame, before: Before) -> Batch:
    reports = piece.accounts.join(files, on="account", maintain_order="left")
    known = {account: before[account] for account in reports["account"] if account in before} if before else {}
    return Batch(piece, reports["file"].to_list(), known)


def _slices(piece: Piece) -> Iterable[bytes]:
    ends = list(accumulate(piece.accounts["bytes"].to_list()))
    return (piece.body[start:end] for start, end in zip([0, *ends], ends, strict=False))


def _put(folder: int, name: str, data: bytes, before: Ready | None) -> tuple[str, str]:
    """Put one report into the folder; returns the sha256 of what is on disk, and the change compared with `before`."""
    sha256 = hashlib.sha256(data).hexdigest()
    is_same = before is not None and before.sha256 == sha256
    if before is None or not is_same or not _link(folder, name, data, before.file):
        _write(folder, name, data)
    if before is None:
        return sha256, "new"
    return sha256, "unchanged" if is_same and before.same_name else "changed"


def _write(folder: int, name: str, data: bytes) -> None:
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        written = os.write(descriptor, data)
        while written < len(data):  # gigabytes, or a nearly full disk
            written += os.write(descriptor, data[written:])
        if not _is_on_disk(descriptor, data):
            raise OSError(errno.EIO, "The disk did not return what was written", name)
    finally:
        os.close(descriptor)


def _link(folder: int, name: str, data: bytes, source: Path) -> bool:
    """Link the report that partners have instead of rewriting it; False if that is impossible, or if it was altered."""
    try:
        os.link(source, name, dst_dir_fd=folder)
    except OSError:  # another file system, too many links, or gone; writing always works
        return False
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        is_same = _is_on_disk(descriptor, data)
    finally:
        os.close(descriptor)
    if not is_same:
        os.unlink(name, dir_fd=folder)
    return is_same


def _is_on_disk(descriptor: int, data: bytes) -> bool:
    """Whether the disk returns these bytes; then their sha256 is the file's."""
    return read_whole(descriptor, len(data)) == data
