"""The rows of delimited text (CSV) as frames of cells.

Quotes follow RFC 4180; a quote inside an unquoted cell is part of the text. LF, CRLF and a lone CR end a row; inside
quotes they are part of the cell. Polars parses pieces of whole rows (`pieces.py`) as long as each is proved regular;
from the first irregular one on, the standard library's csv module takes over (`rows.py`).
"""

import csv
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import chain
from operator import itemgetter

import polars as pl

from schemas.columns import FLAGS, REQUIRED, ROW
from sources.delimited import footer, rows
from sources.delimited.encoding import NotUtf8
from sources.delimited.letters import Letters
from sources.delimited.quotes import (
    count,
    count_outside,
    enclose_cells,
    has_empty_cell,
    has_lone_cr,
    octets_of,
    quotes_of,
)
from sources.delimited.table import Table

MAX_CELLS = 1 << 23  # of a piece for polars; if it has more, most are blank, and only cost memory
LONG = 1 << 19  # bytes without a line end; polars needs half a kilobyte of memory for each surplus cell in them
PARSED_AHEAD = 3  # pieces
LAST_ROW = 1 << 16  # bytes that are enough for a footer and the blank lines below it


def frames(
    first: bytes, rest: Iterator[bytes], table: Table, letters: Letters, name: str, pool: Executor
) -> Iterator[pl.DataFrame]:
    """The rows as frames of `row` and the known columns, without wholly blank rows.

    first: the piece with the headings (`table`); rest: the pieces after it. Raises ExportRefused for ragged rows, bad
    quotes and a footer, and NotUtf8.
    """
    row = table.row
    last, end = None, b""
    ahead = _parse_ahead(chain([first[table.start :]], rest), table, letters, pool)
    for piece, parsing in ahead:
        frame = parsing.result()
        if frame is None:
            letters.skip()
            yield from _slow_frames(chain([piece], (later for later, _ in ahead)), table, row, name)
            return
        known = _known_columns(frame.with_row_index(ROW, offset=row), table)
        if known.height:
            last, end = known.tail(1), piece[-LAST_ROW:]
        yield known
        row += frame.height
        if row > rows.MAX_ROWS:
            raise rows.too_many_rows(name)
    if last is not None:
        _refuse_footer(last, end, table, name)


# ----------------------------------------------------------------------------------------------------------------------


def _parse_ahead(
    pieces: Iterable[bytes], table: Table, letters: Letters, pool: Executor
) -> Iterator[tuple[bytes, "Future[pl.DataFrame | None]"]]:
    """Each piece with its parsing, started while up to PARSED_AHEAD pieces before it are being parsed."""
    started: deque[tuple[bytes, Future[pl.DataFrame | None]]] = deque()
    for piece in pieces:
        started.append((piece, pool.submit(_parsed, piece, table, letters)))
        if len(started) > PARSED_AHEAD:
            yield started.popleft()
    while started:
        yield started.popleft()


def _parsed(piece: bytes, table: Table, letters: Letters) -> pl.DataFrame | None:
    """The piece parsed by polars, columns named by position; None if it is irregular, which polars would get wrong."""
    if len(piece) > rows.MAX_ROW or piece.startswith(BOM_UTF8):
        return None  # a BOM at the start of a piece belongs to its cell, but polars would remove it
    if any(piece.find(b"\n", at, at + LONG) < 0 for at in range(0, len(piece) - LONG, LONG)):
        return None
    octets = octets_of(piece)
    if count(octets, b"\n") * table.width > MAX_CELLS:
        return None
    quotes = quotes_of(octets)
    if not enclose_cells(quotes, table.separator) or has_lone_cr(octets):
        return None
    try:
        parsed = _cells(piece, table)
    except pl.exceptions.PolarsError:  # a row with too many cells, or bytes that are not UTF-8
        if not _is_utf8(piece):
            raise NotUtf8 from None
        return None
    if not _is_even(parsed, octets, table) or not _is_surplus_blank(parsed, table):
        return None
    letters.check(octets)
    # polars makes a quoted empty cell an empty string, not null
    return parsed.with_columns(_null_if_empty(pl.col(pl.String))) if has_empty_cell(quotes) else parsed


def _cells(piece: bytes, table: Table) -> pl.DataFrame:
    """The cells of the piece, by position. A flag column becomes Boolean if all its cells can, which takes less memory.

    Polars parses exactly the words True and False as Boolean, in any letter case.
    """
    positions = table.positions
    texts = pl.Schema((str(position), pl.String()) for position in range(table.width))
    flags = pl.Schema((str(positions[field]), pl.Boolean()) for field in FLAGS)
    try:
        return _parse(piece, pl.Schema(texts | flags), table.separator)
    except pl.exceptions.ComputeError:  # a flag may have blanks around it, or be something else
        cells = _parse(piece, texts, table.separator)
        return cells.with_columns(_as_boolean(cells[name]) for name in flags)


def _parse(piece: bytes, columns: pl.Schema, separator: str) -> pl.DataFrame:
    return pl.read_csv(
        piece,
        has_header=False,
        schema=columns,
        separator=separator,
        missing_columns="insert",  # for a piece that begins with a blank line
    )


def _as_boolean(flags: pl.Series) -> pl.Series:
    """The column as Boolean; unchanged if anything else is in it."""
    words = {"true": True, "false": False}
    booleans = flags.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    return booleans if booleans.null_count() == flags.null_count() else flags


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_even(parsed: pl.DataFrame, octets: pl.Series, table: Table) -> bool:
    """Whether every row has as many cells as the first. Polars refuses longer rows, but pads shorter ones."""
    if not parsed.get_columns()[-1].null_count():
        return True
    separators = count_outside(octets, octets == ord(table.separator))
    return separators == parsed.height * (table.width - 1)


def _is_surplus_blank(parsed: pl.DataFrame, table: Table) -> bool:
    surplus = parsed.get_columns()[len(table.headings) :]
    return all(cells.str.strip_chars().replace("", None).null_count() == parsed.height for cells in surplus)


def _known_columns(parsed: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The known columns under their headings, without wholly blank rows."""
    positions = table.positions
    probe = pl.col(str(positions[REQUIRED[0]])).str.strip_chars()  # rarely blank, so most pieces need no more
    if parsed.select((probe.is_null() | (probe == "")).any()).item():
        texts, flags = pl.col(pl.String).str.strip_chars(), pl.col(pl.Boolean)
        parsed = parsed.filter(pl.any_horizontal(texts.is_not_null() & (texts != ""), flags.is_not_null()))
    known = [(pl.col(str(at)), table.headings[at]) for at in sorted(positions.values())]
    return parsed.select(ROW, *(cell.alias(heading) for cell, heading in known))


def _null_if_empty(cells: pl.Expr) -> pl.Expr:
    return pl.when(cells != "").then(cells).name.keep()


def _refuse_footer(last: pl.DataFrame, end: bytes, table: Table, name: str) -> None:
    """Raises ExportRefused if the last row is a footer. end: the last bytes of its piece."""
    number, *known = last.row(0)
    if sum(cell is not None for cell in known) <= footer.CELLS:
        blank = f' \t"{table.separator}'.encode()
        line = next((line for line in reversed(end.splitlines()) if line.strip(blank)), b"").decode(errors="replace")
        cells = next(csv.reader([line], delimiter=table.separator), [])
        if footer.is_footer(cells):
            raise footer.refusal(number, cells, name)


def _slow_frames(blocks: Iterable[bytes], table: Table, row: int, name: str) -> Iterator[pl.DataFrame]:
    positions = sorted(table.positions.values())
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
