"""Delimited text (CSV) as an export: decoded, parsed, hashed beside, and joined to one frame."""

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

LARGEST = 1 << 30  # bytes of a text; one of a million people has two hundred million
WORKERS = 4  # three parse, one hashes
AHEAD = 1 << 30  # bytes of frames; a file that makes more is checked to its end before it is kept


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Export:
    """The export in a text. encoding: of a text that has no BOM and is not UTF-8, if a person gave one.

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
                raise damaged(name, "it begins as UTF-8 and is not UTF-8 to its end") from None
        from sources.delimited.decide import encoding_of  # late: it takes as long as reading a small file

        file.seek(0)
        given = encoding and SUPERSETS.get(encoding, encoding)
        export = _read_as(encoding_of(file, name, given), 0, file, name, pool)
        return export if given else replace(export, notices=(_ASSUMED, *export.notices))


# ----------------------------------------------------------------------------------------------------------------------


def _read_as(encoding: str, start: int, file: BinaryIO, name: str, pool: Executor) -> Export:
    """The export, from the byte `start` on in this encoding."""

    notices, letters = list[str](), Letters()

    def batches(update: Callable[[bytes], object]) -> Iterator[pl.DataFrame]:
        file.seek(0)
        update(file.read(start))
        blocks = utf8_blocks(_hashed(blocks_of(file), update, pool), encoding, name)
        rest = pieces(blocks)
        first = next(rest, b"")
        table = find_table(first, name)
        if table is None:
            raise refused(name, "it holds blanks only", "The export is not empty")
        check_headings(table.headings, name)
        notices[:] = _notices(table)
        yield from parse.frames(first, rest, table, letters, name, pool)

    digest = hashlib.sha256()
    frames = _gathered(batches(digest.update))
    if frames is None:
        digest = hashlib.sha256()
        frames = list(batches(digest.update))
    if not any(frame.height for frame in frames):
        raise no_rows(name)
    frame = _joined(frames, pool)
    return Export(
        frame,
        "file",
        name,
        digest.hexdigest(),
        tuple(notices),
        encoding,
        all_letters=letters.all_there,
        decoded_once=letters.decoded_once,
    )


def _notices(table: Table) -> list[str]:
    row = table.row - 1
    return [f"The headings are in row {row}; what is above them was left out"] if row > 1 else []


def _hashed(blocks: Iterator[bytes], update: Callable[[bytes], object], pool: Executor) -> Iterator[bytes]:
    """The blocks, hashed beside while they are parsed; all are hashed when the last one has been asked for."""
    for block in blocks:
        done = pool.submit(update, block)
        yield block
        done.result()


def _gathered(batches: Iterator[pl.DataFrame]) -> list[pl.DataFrame] | None:
    """All frames, or None if they are so much that a refusal at the end would take too much memory."""
    frames: list[pl.DataFrame] = []
    size = 0.0
    for frame in batches:
        size += frame.estimated_size()
        frames.append(frame)
        if size > AHEAD:
            frames.clear()
    return frames if size <= AHEAD else None


def _joined(frames: list[pl.DataFrame], pool: Executor) -> pl.DataFrame:
    """One frame in one piece. Takes column by column out of `frames`: two copies of all would be too much memory."""
    parts = {name: [frame[name] for frame in frames] for name in frames[0].columns}
    frames.clear()
    columns = [pool.submit(_in_one_piece, parts.pop(name)) for name in list(parts)]
    return pl.DataFrame([column.result() for column in columns])


def _in_one_piece(parts: list[pl.Series]) -> pl.Series:
    """A column of several frames: text, if it is so in one of them."""
    if len({part.dtype for part in parts}) > 1:
        words = {True: "True", False: "False"}
        parts = [
            part.replace_strict(words, return_dtype=pl.String) if part.dtype == pl.Boolean else part for part in parts
        ]
    return pl.concat(parts, rechunk=True)


_ASSUMED = (
    "The file is not UTF-8 and was read as windows-1252, as it has Western European letters only. "
    "If a name reads wrong, give the right encoding with --encoding"
)
