"""Where the headings of a text are, and which separator gives them. The rows below are parsed in `parse.py`."""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.columns import FIELDS
from schemas.headings import match
from sources.delimited import rows
from sources.refusal import refused

SEPARATORS = ",;\t|"
SEARCHED = 100  # rows from the top that are not blank, in which the headings may be, as in a workbook
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
        """Which known field is at which position."""
        return match(self.headings)

    @property
    def is_complete(self) -> bool:
        """Whether all needed columns are there."""
        return self.positions.keys() >= set(FIELDS)


def find_table(piece: bytes, name: str) -> Table | None:
    """The headings: the row that has most of the known ones, with the separator that gives most; the first of equals.

    None if all is blank. Raises ExportRefused if the headings are badly quoted, and NotUtf8.
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
            raise refused(name, "its headings are badly quoted or endless", "The headings are quoted right", row=1)
        best = None if is_blank else best
    if best and len(best.headings) > MAX_COLUMNS:
        raise refused(name, f"it has {len(best.headings)} columns", f"The export has at most {MAX_COLUMNS} columns")
    return best and best._replace(start=start + best.start)


# ----------------------------------------------------------------------------------------------------------------------


def _separators(piece: bytes) -> tuple[int, str]:
    """How many bytes a first line `sep=X` has, and the separators, most likely first."""
    first = _SEPARATOR_LINE.match(piece)
    if not first:
        return 0, SEPARATORS
    separator = first[1].decode()
    return first.end(), separator + SEPARATORS.replace(separator, "")


def _table(text: bytes, separator: str) -> Table | None:
    """The table by this separator, None if all is blank. Raises csv.Error if its headings are badly quoted."""
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
    list(rows.rows_of(row, separator))  # strictly
    return best._replace(width=_width(best, rows.rows_of(lines, separator)))


def _top(parsed: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The first rows that are not blank, numbered."""
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
    """How many cells the row below the headings has, if it is not shorter and its surplus is blank."""
    width = len(table.headings)
    try:
        surplus = next(below, [])[width:]
    except csv.Error:  # `parse.py` meets it too and names the row
        return width
    return width + len(surplus) if len(surplus) <= MAX_COLUMNS and rows.is_blank(surplus) else width


class _Lines:
    """The lines of a text. `size`: bytes of those that were read; `taken`: these lines, since it was emptied last."""

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


# Spreadsheet programs obey this line and don't show it, so it has no number either
_SEPARATOR_LINE = re.compile(rb'(?i)\A"?sep=([^\w"\r\n\x80-\xff])"?(?:\r\n|\r|\n)')
