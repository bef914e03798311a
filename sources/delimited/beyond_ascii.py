"""The cells of a text file beyond ASCII, with where they are: what an encoding is judged by. `candidates.py` judges."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from sources.delimited import rows
from sources.delimited.encoding import blocks_of
from sources.delimited.pieces import pieces
from sources.delimited.table import Table, find_table
from sources.refusal import check_headings

SEARCHED = 1 << 28  # bytes to search for the first doubtful cell


class Cell(NamedTuple):
    """A cell beyond ASCII: its row, its column (Impartner's name, None for an unknown one), and its text."""

    row: int
    column: str | None
    text: str


def cells_beyond_ascii(
    file: BinaryIO, name: str, encoding: str, is_needed: Callable[[bytes], bool] = lambda part: not part.isascii()
) -> Iterator[Cell]:
    """The cells beyond ASCII, from the headings down to the first row that can't be parsed. Raises ExportRefused.

    Only parts with `is_needed` are read cell by cell, which takes a hundred times as long as counting their rows.
    """
    parts = pieces(_utf8(file, encoding))
    first = next(parts, b"")
    table = find_table(first, name)
    if table is None:
        return
    if not table.positions:
        check_headings(table.headings, name)
    names = {position: field for field, position in table.positions.items()}
    yield from _in_row(table.row - 1, table.headings, names)
    row = table.row
    try:
        for part in _from(table, first, parts):
            if not is_needed(part):
                row += _count_rows(part, table.separator)
                continue
            for cells in _rows(part, table.separator):
                yield from _in_row(row, cells, names)
                row += 1
    except csv.Error:
        return


# ----------------------------------------------------------------------------------------------------------------------


def _rows(part: bytes, separator: str) -> Iterator[list[str]]:
    return rows.rows_of(rows.lines_of([part]), separator, strict=False)


def _count_rows(part: bytes, separator: str) -> int:
    if b'"' in part or part.count(b"\r") != part.count(b"\r\n"):
        return sum(1 for _ in _rows(part, separator))
    return part.count(b"\n") + (not part.endswith(b"\n"))


def _from(table: Table, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first[table.start :]
    yield from rest


def _in_row(row: int, cells: Sequence[str], names: dict[int, str]) -> Iterator[Cell]:
    for position, text in enumerate(cells):
        if not text.isascii():
            yield Cell(row, names.get(position), text)


def _utf8(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    for block in blocks_of(file):
        yield decoder.decode(block).encode()
        if file.tell() > SEARCHED:
            return
