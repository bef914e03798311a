"""The process that reads a workbook: standard input is the file, standard output one line of JSON and an Arrow stream.

The line tells {"sheet", "sheets", "headings", "row"}, or {"refused": "damaged" | "password" | "unclear" | "NUL"}. The
stream has `row` and the known columns, every cell as text: whole numbers without `.0`, booleans as True and False,
dates as ISO, errors as they are shown (#N/A), formulas that nobody has calculated as they are written
(`workbook_cells.py`). It is started by `sources/workbook/read.py`, which has the words for people.

Polars is imported in a thread while the workbook is parsed, so nothing here imports it at once.
"""

import json
import os
import re
import resource
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import fastexcel

from schemas.columns import FLAGS, FLAGS_OR_TEXTS, REQUIRED, ROW
from schemas.headings import faults, match
from sources.numbers import number_text
from sources.workbook.cells import ODS, Cell, Unclear, found_in, suspect, told_by

if TYPE_CHECKING:
    import polars as pl

MARKED = (*FLAGS, *FLAGS_OR_TEXTS)
SEARCHED = 100  # rows from the top of a sheet in which the headings may stand
RESIDENT = 1800 << 20  # bytes that the process may hold; a million people take some 1,700 MiB
ADDRESSES = 5 << 30  # bytes of address space, for a library that grows too fast to be watched;
OLE_ADDRESSES = 7 << 28  # fewer for the old container, where it is known to, and which holds 65,536 rows a sheet
WATCHED_EVERY = 0.05  # seconds

_OLE = b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_WHOLE: dict[str, Any] = {"header_row": None, "skip_rows": 0}  # so that the index of a row is its number less one
_NUMBER = r"^(0|-?\d+\.\d+|-?\d{16,})$"  # may stand for a number that has other digits
_DATE = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d)T00:00(:00(\.0+)?)?$"  # as some programs write a date


class Sheet(NamedTuple):
    """A sheet as text, each column named by its position, and where its headings stand."""

    name: str
    frame: "pl.DataFrame"
    lost: list[Cell]
    has_nul: bool
    headings: tuple[str | None, ...]
    at: int  # index of the row of headings
    before: int  # blank columns before the frame's first one


def main() -> None:
    """Read the workbook on standard input."""
    data = sys.stdin.buffer.read()
    _limit_memory(OLE_ADDRESSES if data.startswith(_OLE) else ADDRESSES)
    with ThreadPoolExecutor(2) as pool, os.fdopen(os.dup(1), "wb") as out:
        pool.submit(__import__, "polars")
        told, rows = _read(data, pool.submit(suspect, data))
        out.write(json.dumps(told).encode() + b"\n")
        if rows is not None:
            _write(rows, out)


# ----------------------------------------------------------------------------------------------------------------------


def _read(data: bytes, part: "Future[str | None]") -> tuple[dict[str, Any], "pl.DataFrame | None"]:
    """What is told of a workbook, and its rows unless it is refused or lacks headings. part: what `suspect` gives."""
    try:
        reader = fastexcel.read_excel(data)
        sheet = _sheet_with_headings(reader)
        if sheet.has_nul:
            return {"refused": "NUL"}, None
        rows = None if faults(sheet.headings) else _rows(reader, sheet, data, part.result())
    except fastexcel.FastExcelError:
        locked = data.startswith(_OLE) and _LOCKED in data
        return {"refused": "password" if locked else "damaged"}, None
    except Unclear:
        return {"refused": "unclear"}, None
    sheets = len(reader.sheet_names)
    return {"sheet": sheet.name, "sheets": sheets, "headings": sheet.headings, "row": sheet.at + 1}, rows


def _limit_memory(addresses: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        addresses = min(addresses, most)
    resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
    threading.Thread(target=_watch_memory, daemon=True).start()


def _watch_memory() -> None:
    unit = 1 if sys.platform == "darwin" else 1024
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < RESIDENT:
        time.sleep(WATCHED_EVERY)
    os._exit(1)


def _sheet_with_headings(reader: fastexcel.ExcelReader) -> Sheet:
    """The first sheet that has all headings once, else the one that has most."""
    best: Sheet | None = None
    for name in reader.sheet_names:
        sheet = _loaded(reader, name)
        if not faults(sheet.headings):
            return sheet
        if best is None or len(match(sheet.headings)) > len(match(best.headings)):
            best = sheet
    if best is None:
        raise fastexcel.FastExcelError("no sheets")
    return best


def _loaded(reader: fastexcel.ExcelReader, name: str) -> Sheet:
    import polars as pl

    loaded = reader.load_sheet(name, **_WHOLE, dtypes="string")
    before = min((column.absolute_index for column in loaded.selected_columns), default=0)
    batch, lost = loaded.to_arrow_with_errors()
    frame = pl.DataFrame(batch)
    frame.columns = [str(position) for position in range(frame.width)]
    top = frame.head(SEARCHED).rows()
    at = max(range(len(top)), key=lambda index: len(match(top[index])), default=0)  # the first of equal ones
    has_nul = any(b"\0" in text.to_pybytes() for column in batch.columns if (text := column.buffers()[-1]))
    return Sheet(name, frame, told_by(lost), has_nul, top[at] if top else (), at, before)


def _rows(reader: fastexcel.ExcelReader, sheet: Sheet, data: bytes, part: str | None) -> "pl.DataFrame":
    """The rows below the headings that are not wholly blank: `row` and the known columns as text.

    part: what `suspect` gives. Raises Unclear.
    """
    import polars as pl

    frame = sheet.frame.with_row_index(ROW, offset=1)
    positions = match(sheet.headings)
    frame = _with_typed_cells(frame, reader, sheet)
    frame = _with_numbers(frame, reader, sheet)
    frame = _with_dates(frame, reader, sheet)
    frame = _with_cells(frame, sheet.lost)
    if part is not None:
        frame = _with_cells(frame, found_in(data, part, sheet.name, sheet.before), instead=part == ODS)
    frame = frame.slice(sheet.at + 1)
    probe = pl.col(str(positions[REQUIRED[0]])).str.strip_chars()  # seldom blank, so mostly one look is enough
    if frame.select((probe.is_null() | (probe == "")).any()).item():
        cells = pl.exclude(ROW).str.strip_chars()
        frame = frame.filter(pl.any_horizontal(cells.is_not_null() & (cells != "")))
    known = [(pl.col(str(at)), sheet.headings[at]) for at in sorted(positions.values())]
    return frame.select(ROW, *(pl.when(cell != "").then(cell).alias(str(heading)) for cell, heading in known))


def _with_typed_cells(frame: "pl.DataFrame", reader: fastexcel.ExcelReader, sheet: Sheet) -> "pl.DataFrame":
    """Booleans as True and False, dates as ISO.

    As text they read "true" and "2024-05-01 00:00:00". In flag columns a text "true" means the same; elsewhere, and for
    dates, the sheet is read once more to tell them from texts that look like them, which is seldom needed.
    """
    import polars as pl

    positions = match(sheet.headings)
    plain = [str(at) for field, at in positions.items() if field in MARKED]
    texts = [str(at) for field, at in positions.items() if field not in MARKED]
    frame = frame.with_columns(_capital(pl.col(name)).alias(name) for name in plain)
    booleans = _with(pl.col(texts).is_in(["true", "false"]), frame)
    dates = _with(pl.col(*plain, *texts).str.contains(_DATE), frame)
    if booleans:
        real = _typed(reader, sheet, booleans, "boolean")
        frame = frame.with_columns(
            pl.when(real[name].is_not_null()).then(_capital(pl.col(name))).otherwise(name).alias(name)
            for name in booleans
        )
    if dates:
        real = _typed(reader, sheet, dates, "datetime")
        frame = frame.with_columns(
            pl.when(real[name].is_not_null() & pl.col(name).str.contains(_DATE))
            .then(_iso(pl.col(name)))
            .otherwise(name)
            .alias(name)
            for name in dates
        )
    return frame


def _with_dates(frame: "pl.DataFrame", reader: fastexcel.ExcelReader, sheet: Sheet) -> "pl.DataFrame":
    """Dates that the file itself has as ISO, without a time at midnight. Texts that look like them stay."""
    import polars as pl

    known = [str(at) for at in match(sheet.headings).values()]
    names = _with(pl.col(known).str.contains(_MIDNIGHT), frame)
    if not names:
        return frame
    _, others = _load(reader, sheet, names, "int").to_arrow_with_errors()
    found = [cell for cell in told_by(others) if cell.kind == "DateTimeIso"]
    dates = [cell._replace(shown=cell.shown[:10]) for cell in found if re.match(_MIDNIGHT, cell.shown)]
    return _with_cells(frame, dates, instead=True)


def _with(cells: "pl.Expr", frame: "pl.DataFrame") -> list[str]:
    """The columns that have any of the cells."""
    found = frame.select(cells.any()).row(0, named=True)
    return [name for name, there in found.items() if there]


def _with_numbers(frame: "pl.DataFrame", reader: fastexcel.ExcelReader, sheet: Sheet) -> "pl.DataFrame":
    """Numbers as short as they read: as text, the library gives each of them nine decimals.

    It would read texts as numbers too; what is not spelt like one of its own stays as it is.
    """
    import polars as pl

    known = [str(at) for at in match(sheet.headings).values()]
    names = _with(pl.col(known).str.contains(_NUMBER), frame)
    if not names:
        return frame
    real = _typed(reader, sheet, names, "float")
    return frame.with_columns(_shorter(frame[name], real[name]) for name in names)


def _shorter(cells: "pl.Series", numbers: "pl.Series") -> "pl.Series":
    import polars as pl

    suspects = cells.to_frame("cell").with_columns(number=numbers).with_row_index("at").drop_nulls()
    suspects = suspects.filter(pl.col("cell").str.contains(_NUMBER))
    pairs = suspects.select("cell", "number").unique()
    said = [number_text(number) if _spelt(number) == cell else cell for cell, number in pairs.iter_rows()]
    told = suspects.join(pairs.with_columns(said=pl.Series(said, dtype=pl.String)), on=["cell", "number"])
    return cells.scatter(told["at"], told["said"])


def _spelt(number: float) -> str:
    """A number as the library gives it as text."""
    return re.sub(r"\.?0+$", "", f"{number:.9f}")


def _typed(reader: fastexcel.ExcelReader, sheet: Sheet, names: list[str], dtype: Any) -> "pl.DataFrame":
    import polars as pl

    frame = pl.DataFrame(_load(reader, sheet, names, dtype))
    frame.columns = names  # the library gives the columns in the order in which they are asked for
    return frame


def _load(reader: fastexcel.ExcelReader, sheet: Sheet, names: list[str], dtype: Any) -> fastexcel.ExcelSheet:
    """Some columns once more, as another type."""
    columns = [int(name) + sheet.before for name in names]
    loaded: fastexcel.ExcelSheet = reader.load_sheet(sheet.name, **_WHOLE, use_columns=columns, dtypes=dtype)
    return loaded


def _capital(cell: "pl.Expr") -> "pl.Expr":
    import polars as pl

    return pl.when(cell == "true").then(pl.lit("True")).when(cell == "false").then(pl.lit("False")).otherwise(cell)


def _iso(cell: "pl.Expr") -> "pl.Expr":
    return cell.str.replace(" 00:00:00$", "").str.replace("^1899-12-3[01] ", "").str.replace(" ", "T")


def _with_cells(frame: "pl.DataFrame", cells: list[Cell], *, instead: bool = False) -> "pl.DataFrame":
    """The frame with these cells where it has blank ones, or `instead` of what it has."""
    import polars as pl

    if not cells:
        return frame
    columns: dict[str, Any] = {ROW: frame.schema[ROW], "at": pl.Int64, "kind": pl.String, "shown": pl.String}
    found = pl.DataFrame(cells, schema=columns, orient="row").cast({"at": pl.String})
    shown = found.pivot("at", index=ROW, values="shown")
    names = [name for name in shown.columns if name in frame.columns and name != ROW]
    joined = frame.join(shown, on=ROW, how="left", suffix=" shown", maintain_order="left")
    pairs = [(f"{name} shown", name) if instead else (name, f"{name} shown") for name in names]
    put = (pl.coalesce(pair).alias(name) for pair, name in zip(pairs, names, strict=True))
    return joined.with_columns(put).select(frame.columns)


def _write(frame: "pl.DataFrame", out: BinaryIO) -> None:
    import polars as pl

    frame.write_ipc_stream(out, compat_level=pl.CompatLevel.oldest())  # smaller, and quicker on both sides


if __name__ == "__main__":
    main()
