"""Reading a downloaded user export: CSV in its many spellings, or a workbook, told by content and not by file name.

A cell stays the text that stands there and nothing is guessed; flags may become bits. How text is decoded is told in
`delimited/encoding.py`, how its rows are parsed in `delimited/parse.py`, and workbooks in `workbook/read.py`. What the
cells must hold is not checked here. Polars is imported late, for a workbook is being read meanwhile in its own
process.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sources import workbook
from sources.delimited.encoding import Encoding, NotUtf8, blocks_of, by_bom, utf8_blocks
from sources.export import Export
from sources.refusal import AGAIN, check_headings, no_rows, refused

if TYPE_CHECKING:
    import polars as pl

LARGEST = 1 << 30  # bytes of a text; one of a million people has two hundred million
WORKERS = 4  # three parse, one hashes
AHEAD = 1 << 30  # bytes of frames; a file that makes more is checked to its end before it is kept


def read(path: Path) -> Export:
    """The export in a file, with the columns and cells as `Export` tells.

    A missing account column is no fault here. Raises ExportRefused if the file can't be read, is empty or damaged,
    lacks or repeats a needed column, or has no rows.
    """
    try:
        with _opened(path) as file:
            head = file.read(8)
            file.seek(0)
            if not head:
                raise refused(path.name, "it is empty", "The export is not empty")
            if workbook.looks_like_one(head):
                return workbook.read(file, path.name)
            return _read_text(file, head, path.name)
    except FileNotFoundError:
        what, remedy = "there is no such file", "Check the path, or download the export again"
    except OSError as error:
        what, remedy = f"it can't be read ({error.strerror})", "Check that you may read it and that its disk is there"
    raise refused(path.name, what, "The export is a file that can be read", remedy)


def sha256_of(path: Path, size: int) -> str | None:
    """The hash of a file's bytes, whatever they mean; None if there is no file of this size, or if it can't be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return None
        with path.open("rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None


# ----------------------------------------------------------------------------------------------------------------------


def _opened(path: Path) -> BinaryIO:
    if "\0" in str(path):
        raise refused("the export", "its path holds a NUL", "The export is a file that can be read", "Check the path")
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
        what = "it is a folder" if path.is_dir() else "it is no file"
        raise refused(path.name or str(path), what, "The export is a file", "Name the downloaded file itself")
    return path.open("rb", buffering=0)  # so that a process that is given the file begins where it was set to


def _read_text(file: BinaryIO, head: bytes, name: str) -> Export:
    if os.fstat(file.fileno()).st_size > LARGEST:
        remedy = "Filter the export in Impartner and download it again"
        raise refused(name, "it is larger than 1 GiB", "The export has at most 1 GiB", remedy)
    encoding, start = by_bom(head) or ("utf-8", 0)
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            return _read_as(encoding, file, start, name, pool)
        except NotUtf8:
            if start:
                raise refused(
                    name,
                    "its letters are damaged, for it says that it is UTF-8 and is not",
                    "A file that begins as UTF-8 is UTF-8 to its end",
                    f"{AGAIN}, best as CSV UTF-8",
                ) from None
            return _read_as("windows-1252", file, start, name, pool)


def _read_as(encoding: Encoding, file: BinaryIO, start: int, name: str, pool: Executor) -> Export:

    from sources.delimited import parse

    def batches(update: Callable[[bytes], object]) -> "Iterator[pl.DataFrame]":
        file.seek(0)
        update(file.read(start))
        blocks = utf8_blocks(_hashed(blocks_of(file), update, pool), encoding, name)
        rows = parse.pieces(blocks)
        first = next(rows, b"")
        table = parse.find_table(first, name)
        if table is None:
            raise refused(name, "it holds blanks only", "The export is not empty")
        check_headings(table.headings, name)
        yield from parse.frames(first, rows, table, name, pool)

    digest = hashlib.sha256()
    frames = _gathered(batches(digest.update))
    if frames is None:
        digest = hashlib.sha256()
        frames = list(batches(digest.update))
    if not any(frame.height for frame in frames):
        raise no_rows(name)
    return Export(_joined(frames, pool), "file", name, digest.hexdigest())


def _joined(frames: "list[pl.DataFrame]", pool: Executor) -> "pl.DataFrame":
    """One frame in one piece. Takes column by column out of `frames`: two copies of all would be too much memory."""
    import polars as pl

    parts = {name: [frame[name] for frame in frames] for name in frames[0].columns}
    frames.clear()
    columns = [pool.submit(_in_one_piece, parts.pop(name)) for name in list(parts)]
    return pl.DataFrame([column.result() for column in columns])


def _in_one_piece(parts: "list[pl.Series]") -> "pl.Series":
    """A column of several frames: text, if it is so in one of them."""
    import polars as pl

    if len({part.dtype for part in parts}) > 1:
        words = {True: "True", False: "False"}
        parts = [
            part.replace_strict(words, return_dtype=pl.String) if part.dtype == pl.Boolean else part for part in parts
        ]
    return pl.concat(parts, rechunk=True)


def _gathered(batches: "Iterator[pl.DataFrame]") -> "list[pl.DataFrame] | None":
    """All frames, or None if they are so much that a refusal at the end would take too much memory."""
    frames: list[pl.DataFrame] = []
    size = 0.0
    for frame in batches:
        size += frame.estimated_size()
        frames.append(frame)
        if size > AHEAD:
            frames.clear()
    return frames if size <= AHEAD else None


def _hashed(blocks: Iterator[bytes], update: Callable[[bytes], object], pool: Executor) -> Iterator[bytes]:
    """The blocks, hashed beside while they are parsed; all are hashed when the last one has been asked for."""
    for block in blocks:
        done = pool.submit(update, block)
        yield block
        done.result()
