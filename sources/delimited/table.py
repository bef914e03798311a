"""Finding the headings of a text and its separator. `parse.py` parses the rows below."""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.columns import FIELDS
from schemas.headings import match
from sources.delimited import rows
from sources.refusal import refused

SEPARATORS = ",;\t|"
SEARCHED = 100  # non-blank rows from the top that may be the headings, as in a workbook
MAX_COLUMNS = 16_384  # as in a workbook


class Table(NamedTuple):
    """The headings of a text, its separator, and where the rows begin."""

    headings: tuple[str, ...]
    separator: str
    row: int  # of the first row after the headings
    start: int  # its first byte in the first piece
    width: int  # cells of that row: more than headings if the surplus is blank

    @property
    def positions(self) -> dict[str, int]:
        """The position of each known field."""
        return match(self.headings)

    @property
    def is_complete(self) -> bool:
        """Whether all needed columns are there."""
        return self.positions.keys() >= set(FIELDS)


def find_table(piece: bytes, name: str) -> Table | None:
    """The headings: the row with the most known ones, with the separator that gives the most; on a tie, the first.

    None if everything is blank. Raises ExportRefused if the headings are badly quoted, and NotUtf8.
    """
    start, separators = _separators(piece)
    best: Table | None = None
    is_blank = is_badly_quoted = False
    for separator in separators:
        try:
            table = _table(piece[start:], separator)
        except csv.Error:
            is_badly_quoted = True
            continue
        if table is None:
            is_blank = True
        elif best is None or len(table.positions) > len(best.positions):
            best = table
        if best and best.is_complete:
            break
    if best is None or not best.positions:
        if is_badly_quoted:
            raise refused(name, "its headings are badly quoted or endless", "The headings are quoted correctly", row=1)
        best = None if is_blank else best
    if best and len(best.headings) > MAX_COLUMNS:
        raise refused(name, f"it has {len(best.headings)} columns", f"The export has at most {MAX_COLUMNS} columns")
    return best and best._replace(start=start + best.start)


# ----------------------------------------------------------------------------------------------------------------------


def _separators(piece: bytes) -> tuple[int, str]:
    """The size in bytes of a first line `sep=X` (0 without one), and the separators, most likely first."""
    first = _SEPARATOR_LINE.match(piece)
    if not first:
        return 0, SEPARATORS
    separator = first[1].decode()
    return first.end(), separator + SEPARATORS.replace(separator, "")


def _table(text: bytes, separator: str) -> Table | None:
    """The table with this separator; None if everything is blank. Raises csv.Error if its headings are badly quoted."""
    lines = _Lines(text)
    best: Table | None = None
    for number, cells in _top(rows.rows_of(lines, separator, strict=False)):
        table = Table(tuple(cells), separator, number + 1, lines.size, len(cells))
        if best is None or len(table.positions) > len(best.positions):
            best, row = table, lines.taken
        if table.is_complete:
            break
        lines.taken = []
    if best is None:
        return None
    list(rows.rows_of(row, separator))  # raises if the row breaks a strict rule
    return best._replace(width=_width(best, rows.rows_of(lines, separator)))


def _top(parsed: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The first SEARCHED rows that are not blank, numbered."""
    left = SEARCHED
    try:
        for number, cells in enumerate(parsed, start=1):
            if not rows.is_blank(cells):
                yield number, cells
                left -= 1
            if not left:
                return
    except csv.Error:
        if left == SEARCHED:
            raise


def _width(table: Table, below: Iterator[list[str]]) -> int:
    """The number of headings, plus the surplus cells of the row below if they are blank."""
    width = len(table.headings)
    try:
        surplus = next(below, [])[width:]
    except csv.Error:  # `parse.py` will hit it too and name the row
        return width
    return width + len(surplus) if len(surplus) <= MAX_COLUMNS and rows.is_blank(surplus) else width


class _Lines:
    """The lines of a text. `size`: the bytes read so far; `taken`: the lines read since it was last emptied."""

    def __init__(self, text: bytes) -> None:
        self._lines = rows.lines_of([text])
        self.size = 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.size += len(line.encode())
        self.taken.append(line)
        return line


# Spreadsheet programs obey this line and don't show it, so it doesn't count as a row
_SEPARATOR_LINE = re.compile(rb'(?i)\A"?sep=([^\w"\r\n\x80-\xff])"?(?:\r\n|\r|\n)')
