"""Writing report files, reading them back, proving and hashing them, some accounts at a time.

Reports go into a staging folder that nobody reads yet, so files need no temporary names. A report that partners already
have is linked, not rewritten. `encode.py` makes the bytes.
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
from exports.home.files import read_file, read_whole
from exports.home.layout import Home, reports_folder
from exports.home.status import former_name, match
from exports.reports.encode import Lines, Piece, header, pieces, prove
from schemas.manifest import AccountRow, ReportRow
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


def are_intact(reports: Iterable[ReportRow], folder: Path) -> bool:
    """Whether all reports (rows of a manifest) are in the folder with their original bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return all(_hash(descriptor, row["file"], row["bytes"]) == row["sha256"] for row in reports)
    finally:
        os.close(descriptor)


def link_reports(reports: Iterable[ReportRow], source: Path, folder: Path) -> None:
    """Link reports (rows of a manifest) from one run's folder into another's."""
    source_fd, folder_fd = (os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for path in (source, folder))
    try:
        for row in reports:
            os.link(row["file"], row["file"], src_dir_fd=source_fd, dst_dir_fd=folder_fd)
    finally:
        os.close(source_fd)
        os.close(folder_fd)


def prove_reports(lines: Lines) -> None:
    """Prove everything that `write_reports` proves, without writing files. Raises AssertionError."""
    for piece in pieces(lines):
        prove(piece, lines.profile)


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


def _hash(folder: int, name: str, size: int) -> str | None:
    data = read_file(name, size, folder)
    return None if data is None else hashlib.sha256(data).hexdigest()
