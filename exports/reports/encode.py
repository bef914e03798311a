"""The bytes of reports: finished lines, ordered by report, in pieces of some megabytes.

One pass over the whole frame makes all lines; then lines are sorted, not cells. `write.py` writes the files;
`transforms` have decided about cells.
"""

import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from schemas.checks import CELLS
from schemas.columns import HEADINGS
from schemas.profiles import BOM, LINE_END, SEPARATORS, Profile
from schemas.stages import WRITTEN, validate

PIECE = 16 << 20  # bytes; enough to keep polars busy, small compared with the frame
AT_ONCE = 100_000  # rows whose lines are made at once; about as large
WORKERS = 3  # one more than the usual two cores, because polars does not use all of them to the end

# Ends a line while all lines are one buffer. No source lets NUL pass; in a cell it would make an extra line. It is also
# given to polars as the separator, so that every other character belongs to the line.
_MARK = "\0"


@dataclass(frozen=True)
class Lines:
    """The finished lines of all reports, in the order of the frame's rows.

    lines: one text per row. hashes: those of the cells of each line. plan: one row per account: `account`, `order`
    (indexes into `lines`, in the report's order), `rows`, `bytes` and `piece`.
    """

    lines: pl.Series
    hashes: pl.Series
    plan: pl.DataFrame
    profile: Profile

    @property
    def height(self) -> int:
        """The number of lines."""
        return self.lines.len()


class Piece(NamedTuple):
    """The lines of some accounts as they will be written, one account after another.

    accounts: one row per account: `account`, `rows`, `bytes` (of its lines in `body`). hashes: as in Lines, in the
    order of the lines in `body`.
    """

    accounts: pl.DataFrame
    body: bytes
    hashes: pl.Series


def header(profile: Profile) -> bytes:
    """The beginning of a report: byte order mark and headings."""
    return BOM + (SEPARATORS[profile].join(HEADINGS) + LINE_END).encode()


def compose(report: pl.DataFrame, profile: Profile) -> Lines:
    """The lines of a whole REPORT frame (`account` and the fifteen headings), ordered by Full Name and Email."""
    cells = report.select(HEADINGS)
    with ThreadPoolExecutor(WORKERS) as pool:
        orders = pool.submit(_orders, report)
        made = pool.map(lambda some: _lines(some, profile), cells.iter_slices(AT_ONCE))
        hashes = pool.submit(cells.hash_rows)
        lines = _contiguous(made)
        return Lines(lines, hashes.result(), _plan(orders.result(), report["account"], lines), profile)


def pieces(made: Lines) -> Iterator[Piece]:
    """The lines by account, in pieces of about PIECE bytes."""
    for (_,), accounts in made.plan.group_by("piece", maintain_order=True):
        order = accounts["order"].explode()
        body: bytes = made.lines.gather(order).str.join("").cast(pl.Binary).item()
        yield Piece(accounts.select("account", "rows", "bytes"), body, made.hashes.gather(order))


def prove(piece: Piece, profile: Profile) -> None:
    """Parse the lines of a piece independently, and compare them with the cells that they were made from.

    Raises AssertionError.
    """
    try:
        written = pl.read_csv(_as_text(piece.body), has_header=False, schema=CELLS, separator=SEPARATORS[profile])
    except pl.exceptions.PolarsError:  # its message may name people
        raise _differs() from None
    validate(WRITTEN, written)
    if not written.hash_rows().equals(piece.hashes):
        raise _differs()


def to_csv(table: pl.DataFrame, profile: Profile) -> bytes:
    """A table in the format of a report, with its column names as headings."""
    buffer = io.BytesIO()
    table.write_csv(buffer, include_bom=True, line_terminator=LINE_END, separator=SEPARATORS[profile])
    return buffer.getvalue()


# ----------------------------------------------------------------------------------------------------------------------


def _differs() -> AssertionError:
    return AssertionError("The written lines, read back, differ from what should be written. Please report this")


def _contiguous(lines: Iterable[pl.Series]) -> pl.Series:
    """One contiguous column, because picking lines from fifty chunks is forty times slower. Does not copy the texts."""
    return pl.concat([pl.Series("line", [], dtype=pl.String), *lines], rechunk=True)


def _lines(cells: pl.DataFrame, profile: Profile) -> pl.Series:
    """The line of each row."""
    buffer = io.BytesIO()
    cells.write_csv(buffer, include_header=False, separator=SEPARATORS[profile], line_terminator=LINE_END + _MARK)
    text = _as_text(buffer.getvalue())
    lines = pl.read_csv(
        text, has_header=False, schema={"line": pl.String}, eol_char=_MARK, quote_char=None, separator=_MARK
    )["line"]
    if lines.len() != cells.height:
        raise AssertionError("A cell has a NUL character, which no source may let pass. Please report this")
    return lines


def _as_text(lines: bytes) -> bytes:
    """The text for polars, which takes a leading BOM for the file's, even if it belongs to a cell."""
    return BOM + lines if lines.startswith(BOM) else lines


def _orders(report: pl.DataFrame) -> pl.DataFrame:
    """One row per account: `account`, and in `order` the indexes of its rows by Full Name and Email.

    Two addresses of an account may be the same as written (`'=a`, and `=a` when guarded); then all cells decide.
    """
    name, address = HEADINGS[:2]
    may_tie = report[address].str.starts_with("'").any()
    cells = (pl.col(heading).cast(pl.String).fill_null("") for heading in (HEADINGS if may_tie else (name, address)))
    keyed = report.select(
        "account", at=pl.int_range(pl.len(), dtype=pl.UInt32), key=pl.concat_str(list(cells), separator="\0")
    )
    return keyed.group_by("account").agg(order=pl.col("at").sort_by("key"))


def _plan(orders: pl.DataFrame, account: pl.Series, lines: pl.Series) -> pl.DataFrame:
    """The orders with each account's `rows`, `bytes` and `piece`, by account."""
    sizes = pl.DataFrame({"account": account, "bytes": lines.str.len_bytes()})
    totals = sizes.group_by("account").agg(pl.col("bytes").cast(pl.UInt64).sum(), rows=pl.len())
    plan = orders.join(totals, on="account").sort("account")
    return plan.with_columns(piece=(pl.col("bytes").cum_sum() - 1) // PIECE)
