"""Delimited text (CSV) as an export: decoded, parsed, hashed, and joined into one frame."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO

import polars as pl

from sources.delimited import parse
from sources.delimited.encoding import SUPERSETS, UTF_8, NotUtf8, blocks_of, by_bom, damaged, utf8_blocks
from sources.delimited.letters import Letters
from sources.delimited.pieces import pieces
from sources.delimited.table import Table, find_table
from sources.export import Export
from sources.refusal import check_headings, no_rows, refused

LARGEST = 1 << 30  # bytes of a text; a million people take 200 MB
WORKERS = 4  # three parse, one hashes
MOST_UNCHECKED = 1 << 30  # bytes of frames; a file with more is first checked to its end without keeping any


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Export:
    """The export in a text. encoding: of a text without BOM that is not UTF-8, if a person gave one.

    Raises ExportRefused.
    """
    if os.fstat(file.fileno()).st_size > LARGEST:
        remedy = "Filter the export in Impartner and download it again"
        raise refused(name, "it is larger than 1 GiB", "The export has at most 1 GiB", remedy)
    file.seek(0)
    bom = by_bom(file.read(4))
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            return _read_as(*(bom or (UTF_8, 0)), file, name, pool)
        except NotUtf8:
            if bom:
                raise damaged(name, "it begins as UTF-8, but is not UTF-8 to its end") from None
        from sources.delimited.decide import encoding_of  # late: it takes as long as reading a small file

        file.seek(0)
        given = encoding and SUPERSETS.get(encoding, encoding)
        export = _read_as(encoding_of(file, name, given), 0, file, name, pool)
        return export if given else replace(export, notices=(_ASSUMED, *export.notices))


# ----------------------------------------------------------------------------------------------------------------------


class _Text:
    """A text in one encoding, from the byte `start` on. Its digest, notices and letters are known once it is read."""

    def __init__(self, encoding: str, start: int, file: BinaryIO, name: str, pool: Executor) -> None:
        self._encoding, self._start, self._file, self._name, self._pool = encoding, start, file, name, pool
        self.digest, self.notices, self.letters = hashlib.sha256(), list[str](), Letters()

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read it, from its beginning each time. Raises ExportRefused and NotUtf8."""
        self.digest = hashlib.sha256()
        self._file.seek(0)
        self.digest.update(self._file.read(self._start))
        hashed = _hashed(blocks_of(self._file), self.digest.update, self._pool)
        rest = pieces(utf8_blocks(hashed, self._encoding, self._name))
        first = next(rest, b"")
        table = find_table(first, self._name)
        if table is None:
            raise refused(self._name, "it has only blanks", "The export is not empty")
        check_headings(table.headings, self._name)
        self.notices = _notices(table)
        yield from parse.frames(first, rest, table, self.letters, self._name, self._pool)


def _read_as(encoding: str, start: int, file: BinaryIO, name: str, pool: Executor) -> Export:
    """The export in this encoding, from the byte `start` on. Raises ExportRefused and NotUtf8."""
    text = _Text(encoding, start, file, name, pool)
    frames = _collected(text.frames())
    if frames is None:
        frames = list(text.frames())
    if not any(frame.height for frame in frames):
        raise no_rows(name)
    return Export(
        _joined(frames, pool),
        "file",
        name,
        text.digest.hexdigest(),
        tuple(text.notices),
        encoding,
        all_letters=text.letters.all_there,
        decoded_once=text.letters.decoded_once,
    )


def _notices(table: Table) -> list[str]:
    row = table.row - 1
    return [f"The headings are in row {row}; everything above them was skipped"] if row > 1 else []


def _hashed(blocks: Iterator[bytes], update: Callable[[bytes], object], pool: Executor) -> Iterator[bytes]:
    """The blocks, each hashed in another thread while it is parsed; once exhausted, all are hashed."""
    for block in blocks:
        done = pool.submit(update, block)
        yield block
        done.result()


def _collected(batches: Iterator[pl.DataFrame]) -> list[pl.DataFrame] | None:
    """All frames; None if they are larger than MOST_UNCHECKED, because a refusal must not take that much memory."""
    frames: list[pl.DataFrame] = []
    size = 0.0
    for frame in batches:
        size += frame.estimated_size()
        frames.append(frame)
        if size > MOST_UNCHECKED:
            frames.clear()
    return frames if size <= MOST_UNCHECKED else None


def _joined(frames: list[pl.DataFrame], pool: Executor) -> pl.DataFrame:
    """One contiguous frame. Takes the columns out of `frames` one by one, because two copies are too much memory."""
    parts = {name: [frame[name] for frame in frames] for name in frames[0].columns}
    frames.clear()
    columns = [pool.submit(_joined_column, parts.pop(name)) for name in list(parts)]
    return pl.DataFrame([column.result() for column in columns])


def _joined_column(parts: list[pl.Series]) -> pl.Series:
    """One column of all frames: String if it is String in any of them."""
    if len({part.dtype for part in parts}) > 1:
        words = {True: "True", False: "False"}
        parts = [
            part.replace_strict(words, return_dtype=pl.String) if part.dtype == pl.Boolean else part for part in parts
        ]
    return pl.concat(parts, rechunk=True)


_ASSUMED = (
    "The file is not UTF-8 and was read as windows-1252, because all its letters are Western European. "
    "If a name looks wrong, give the right encoding with --encoding"
)
