"""Rows of delimited text as the standard library's csv module reads them: slower than polars, but always right.

It knows every rule of quoting and names the row that breaks one. `parse.py` decides which pieces of a text polars may
parse instead, and makes frames of the rows.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from schemas.errors import ExportRefused
from schemas.faults import Fault, file_fault
from schemas.names import BLANKS
from schemas.words import plural
from sources.delimited import footer
from sources.delimited.encoding import BLOCK, NotUtf8
from sources.refusal import DOWNLOAD_AGAIN, refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_ROWS = 10_000_000  # blank ones included, so that a damaged file is refused in time
MAX_CELL = 1 << 25  # characters; cells of 16 MiB must be read
MAX_ROW = 1 << 26  # characters of a line, or bytes of a row
Row = tuple[int, list[str]]  # its number and cells

BATCH = 20_000  # rows in a frame
RAGGED_SHOWN = 3


def lines_of(blocks: Iterable[bytes]) -> Iterator[str]:
    """Lines with their ends (LF, CRLF or CR), as the csv module needs them. Raises csv.Error and NotUtf8."""
    text = io.TextIOWrapper(io.BufferedReader(_Stream(blocks), BLOCK), "utf-8", newline="")
    try:
        while line := text.readline(MAX_ROW):
            if len(line) == MAX_ROW:
                raise csv.Error("line limit")
            yield line
    except UnicodeDecodeError:
        raise NotUtf8 from None


def rows_of(lines: Iterable[str], separator: str, *, strict: bool = True) -> Iterator[list[str]]:
    """All rows, blank ones included. Raises csv.Error for endless rows and, if strict, for bad quotes."""
    csv.field_size_limit(MAX_CELL)  # of the whole process; the default is far too small
    return csv.reader(lines, delimiter=separator, strict=strict)


def even_rows(rows: Iterator[list[str]], width: int, first: int, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, numbered from `first`. Surplus cells are allowed if they are blank.

    Raises ExportRefused with the first ragged rows and the first bad quote, or with the footer.
    """
    faults: list[Fault] = []
    last: Row = first - 1, []
    ragged: Row | None = None
    number = first - 1
    try:
        for number, cells in enumerate(rows, start=first):
            if number > MAX_ROWS:
                raise too_many_rows(name)
            if not cells or is_blank(cells):
                continue
            if len(cells) >= width and is_blank(cells[width:]):
                last = number, cells
                yield last
                continue
            ragged = ragged or (number, cells)
            faults.append(_ragged(number, len(cells), width))
            if len(faults) == RAGGED_SHOWN:
                break
    except csv.Error as error:
        faults.append(_badly_quoted(number + 1, str(error)))
    _check_end(last, ragged, faults, width, name)


def batches(rows: Iterable[tuple[int, tuple[str, ...]]]) -> Iterator[list[tuple[int, tuple[str, ...]]]]:
    """Numbered rows, in lists large enough for a frame."""
    batch, size = [], 0
    for row in rows:
        batch.append(row)
        size += sum(map(len, row[1]))
        if len(batch) == BATCH or size > MAX_CELL:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def is_blank(cells: Sequence[str]) -> bool:
    """Whether all cells are empty or white space."""
    return not "".join(cells).strip(BLANKS)


def too_many_rows(name: str) -> ExportRefused:
    """The refusal of a file with more than MAX_ROWS rows."""
    return refused(
        name,
        f"it has more than {MAX_ROWS:,} rows",
        f"The export has at most {MAX_ROWS:,} rows",
        "Filter the export in Impartner and download it again",
    )


# ----------------------------------------------------------------------------------------------------------------------


def _check_end(last: Row, ragged: Row | None, faults: Sequence[Fault], width: int, name: str) -> None:
    """Refuse a footer, or else the faults. last: the last even row; ragged: the first ragged one."""
    if ragged and ragged > last and _is_ragged_footer(ragged[1]):
        raise footer.refusal(*ragged, name)
    if faults:
        raise _uneven(faults, width, name)
    if footer.is_footer(last[1]):
        raise footer.refusal(*last, name)


def _is_ragged_footer(cells: Sequence[str]) -> bool:
    """Whether a ragged row is a footer: with its number in a separate cell (`Total,2`), or split by a separator."""
    return footer.is_footer(cells) or footer.is_footer([" | ".join(cells)])


def _uneven(faults: Sequence[Fault], width: int, name: str) -> ExportRefused:
    rows = " and ".join(f"row {fault.row} has {fault.found}" for fault in faults)
    what = f"it is truncated or badly quoted: below its {width} headings, {rows}"
    return ExportRefused(f"{name}: {what}. {DOWNLOAD_AGAIN}.", faults)


def _ragged(row: int, cells: int, width: int) -> Fault:
    return file_fault(
        f"Every row has {width} cells, like the headings", DOWNLOAD_AGAIN, row=row, found=plural(cells, "cell")
    )


def _badly_quoted(row: int, error: str) -> Fault:
    found = next(what for part, what in _CSV_ERRORS.items() if part in error)
    return file_fault("Quotes enclose whole cells, and each one closes", DOWNLOAD_AGAIN, row=row, found=found)


_CSV_ERRORS = {
    "unexpected end": "a quote that never closes",
    "expected after": "text after a closing quote",
    "limit": "a quote that never closes, or a cell of more than 32 MiB",
    "": "bad quotes",
}


class _Stream(io.RawIOBase):
    """Blocks of bytes as a file object."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._block = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Copies the next bytes into the buffer and returns how many; 0 at the end."""
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._block = memoryview(block)
        view = memoryview(buffer)
        size = min(len(view), len(self._block))
        view[:size] = self._block[:size]
        self._block = self._block[size:]
        return size
