"""Delimited text (CSV) as frames of cells: separator, headings, rows, quotes.

Quotes follow RFC 4180, and a quote inside an unquoted cell is part of the text. LF, CRLF and a lone CR end a row;
inside quotes they are part of the cell. The text comes in blocks of UTF-8 (`encoding.py`) and is parsed in
pieces of whole rows: by polars as long as the pieces are regular, which is proved for each; from the first irregular
one on by the standard library's csv module (`rows.py`).
"""

import csv
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

import polars as pl

from schemas.columns import FLAGS, REQUIRED, ROW
from schemas.headings import match
from sources.delimited import rows
from sources.delimited.encoding import NotUtf8
from sources.delimited.quotes import (
    count,
    count_outside,
    has_empty_cell,
    has_lone_cr,
    octets_of,
    quotes_of,
    stand_around_cells,
)
from sources.refusal import refused

SEPARATORS = ",;\t"
MAX_COLUMNS = 16_384  # as in a workbook
MAX_CELLS = 1 << 23  # of a piece that polars parses: many more in so few bytes are blank ones, and cost memory
PARSED_AHEAD = 3  # pieces


class Table(NamedTuple):
    """The headings of a text, its separator, and where the rows begin."""

    headings: tuple[str, ...]
    separator: str
    row: int  # of the first row after the headings
    start: int  # its first byte in the first piece


def pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks joined and cut so that each piece ends where a row does, if the quotes are regular.

    A row that is longer than MAX_ROW is given as it is, unended: the csv module says what is wrong with it.
    """
    rest = b""  # the beginning of a row whose end is in a later block
    for block in blocks:
        end = _end_of_rows(block, rest.count(b'"') % 2)
        if end or len(rest) > rows.MAX_ROW:
            yield b"".join((rest, memoryview(block)[:end]))
            rest = block[end:]
        else:
            rest += block
    if rest:
        yield rest


def find_table(piece: bytes, name: str) -> Table | None:
    """The headings: the first row that is not blank, with the separator that gives the most known headings.

    None if all is blank. Raises ExportRefused if the row is badly quoted, and NotUtf8.
    """
    found = [table for separator in SEPARATORS if (table := _table(piece, separator))]
    if not found:
        raise refused(name, "its headings are badly quoted or endless", "The headings are quoted right", row=1)
    best = max(found, key=lambda table: len(match(table.headings)))  # the first of equal ones
    if not match(best.headings) and not all(table.headings for table in found):
        return None
    if len(best.headings) > MAX_COLUMNS:
        raise refused(name, f"it has {len(best.headings)} columns", f"The export has at most {MAX_COLUMNS} columns")
    return best


def frames(first: bytes, rest: Iterator[bytes], table: Table, name: str, pool: Executor) -> Iterator[pl.DataFrame]:
    """The rows as frames of `row` and the known columns, wholly blank rows left away.

    `first` is the piece that `table` was found in, `rest` the pieces after it. Raises ExportRefused for ragged rows and
    bad quotes, and NotUtf8.
    """
    row = table.row
    begun = _begun(chain([first[table.start :]], rest), table, pool)
    for piece, parsing in begun:
        frame = parsing.result()
        if frame is None:
            yield from _slow_frames(chain([piece], (later for later, _ in begun)), table, row, name)
            return
        yield _chosen(frame.with_row_index(ROW, offset=row), table)
        row += frame.height
        if row > rows.MAX_ROWS:
            raise rows.too_many_rows(name)


# ----------------------------------------------------------------------------------------------------------------------


def _end_of_rows(block: bytes, inside: int) -> int:
    """Where the last row ends that is complete in the block, taking every quote for a regular one; 0 if none is.

    `inside` is 1 if the block begins within quotes, else 0.
    """
    end = block.rfind(b"\n") + 1
    odd = (inside + count(octets_of(block).head(end), b'"')) % 2
    while end and odd:
        quote = block.rfind(b'"', 0, end)
        before = block.rfind(b"\n", 0, max(quote, 0)) + 1
        odd = (odd + block.count(b'"', before, end)) % 2
        end = before
    return end


def _table(piece: bytes, separator: str) -> Table | None:
    """None if it is badly quoted, no headings if it is blank."""
    taken: list[str] = []
    parsed = rows.rows_of(_kept(rows.lines_of([piece]), taken), separator)
    try:
        for number, cells in enumerate(parsed, start=1):
            if not rows.is_blank(cells):
                return Table(tuple(cells), separator, number + 1, sum(len(line.encode()) for line in taken))
    except csv.Error:
        return None
    return Table((), separator, 1, len(piece))


def _kept(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _begun(
    pieces: Iterable[bytes], table: Table, pool: Executor
) -> Iterator[tuple[bytes, "Future[pl.DataFrame | None]"]]:
    """Each piece with its parsing, which is begun while the pieces before it are still waited for."""
    begun: deque[tuple[bytes, Future[pl.DataFrame | None]]] = deque()
    for piece in pieces:
        begun.append((piece, pool.submit(_parsed, piece, table)))
        if len(begun) > PARSED_AHEAD:
            yield begun.popleft()
    while begun:
        yield begun.popleft()


def _parsed(piece: bytes, table: Table) -> pl.DataFrame | None:
    """The piece as polars reads it, columns named by position; None if it is irregular, for polars would be wrong."""
    if len(piece) > rows.MAX_ROW or piece.startswith(BOM_UTF8):
        return None  # a BOM at the start of a piece is a part of its cell, which polars would take off
    octets = octets_of(piece)
    if count(octets, b"\n") * len(table.headings) > MAX_CELLS:
        return None
    quotes = quotes_of(octets)
    if not stand_around_cells(quotes, table.separator) or has_lone_cr(octets):
        return None
    try:
        parsed = _cells(piece, table)
    except pl.exceptions.PolarsError:  # a row with too many cells, or bytes that are no UTF-8
        if not _is_utf8(piece):
            raise NotUtf8 from None
        return None
    if not _is_even(parsed, octets, table):
        return None
    # A quoted empty cell becomes an empty string, and not null.
    return parsed.with_columns(_null_if_empty(pl.col(pl.String))) if has_empty_cell(quotes) else parsed


def _cells(piece: bytes, table: Table) -> pl.DataFrame:
    """The cells of the piece, by position. A column of flags is bits if all of it is: that is much less to carry along.

    Polars takes exactly the words True and False for that, in any letter case.
    """
    positions = match(table.headings)
    texts = pl.Schema((str(position), pl.String()) for position in range(len(table.headings)))
    flags = pl.Schema((str(positions[field]), pl.Boolean()) for field in FLAGS)
    try:
        return _parse(piece, pl.Schema(texts | flags), table.separator)
    except pl.exceptions.ComputeError:  # there may be a flag with blanks around it, or one that is none
        cells = _parse(piece, texts, table.separator)
        return cells.with_columns(_bits(cells[name]) for name in flags)


def _parse(piece: bytes, columns: pl.Schema, separator: str) -> pl.DataFrame:
    return pl.read_csv(
        piece,
        has_header=False,
        schema=columns,
        separator=separator,
        missing_columns="insert",  # for a piece that begins with a blank line
    )


def _bits(flags: pl.Series) -> pl.Series:
    """The column as bits, or as it is if anything else stands in it."""
    words = {"true": True, "false": False}
    bits = flags.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    return bits if bits.null_count() == flags.null_count() else flags


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_even(parsed: pl.DataFrame, octets: pl.Series, table: Table) -> bool:
    """Whether every row has as many cells as the headings. Polars refuses longer rows and fills up shorter ones."""
    if not parsed.get_columns()[-1].null_count():
        return True
    separators = count_outside(octets, octets == ord(table.separator))
    return separators == parsed.height * (len(table.headings) - 1)


def _chosen(parsed: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The known columns under their headings, without wholly blank rows."""
    positions = match(table.headings)
    probe = pl.col(str(positions[REQUIRED[0]])).str.strip_chars()  # seldom blank, so most pieces are done with one look
    if parsed.select((probe.is_null() | (probe == "")).any()).item():
        texts, flags = pl.col(pl.String).str.strip_chars(), pl.col(pl.Boolean)
        parsed = parsed.filter(pl.any_horizontal(texts.is_not_null() & (texts != ""), flags.is_not_null()))
    known = [(pl.col(str(at)), table.headings[at]) for at in sorted(positions.values())]
    return parsed.select(ROW, *(cell.alias(heading) for cell, heading in known))


def _null_if_empty(cells: pl.Expr) -> pl.Expr:
    return pl.when(cells != "").then(cells).name.keep()


def _slow_frames(blocks: Iterable[bytes], table: Table, row: int, name: str) -> Iterator[pl.DataFrame]:
    positions = sorted(match(table.headings).values())
    headings = [table.headings[at] for at in positions]
    parsed = rows.rows_of(rows.lines_of(blocks), table.separator)
    even = rows.even_rows(parsed, len(table.headings), row, name)
    chosen = itemgetter(*positions)
    for batch in rows.batches((number, chosen(cells)) for number, cells in even):
        numbers, cells = zip(*batch, strict=True)
        columns = dict(zip(headings, zip(*cells, strict=True), strict=True))
        frame = pl.DataFrame(
            {ROW: numbers, **columns}, schema={ROW: pl.UInt32, **dict.fromkeys(headings, pl.String)}, strict=True
        )
        yield frame.with_columns(_null_if_empty(pl.col(pl.String)))
