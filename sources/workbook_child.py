"""The process that reads a workbook: standard input is the file, standard output one line of JSON and an Arrow stream.

The line tells {"sheet", "sheets", "headings", "row"}, or {"refused": "damaged" | "password"}. The stream has `row` and
the known columns, every cell as text: whole numbers without `.0`, booleans as True and False, dates as ISO, errors as
they are shown (#N/A), formulas that nobody has calculated as they are written. It is started by `sources/workbook.py`,
which has the words for people.

Polars is imported in a thread while the workbook is parsed, so nothing here imports it at once.
"""

import io
import json
import os
import re
import resource
import sys
import threading
import time
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import fastexcel

from schemas.columns import FLAGS, FLAGS_OR_TEXTS, REQUIRED, ROW
from schemas.headings import faults, match
from sources.numbers import number_text

if TYPE_CHECKING:
    import polars as pl

MARKED = (*FLAGS, *FLAGS_OR_TEXTS)
SEARCHED = 100  # rows from the top of a sheet in which the headings may stand
RESIDENT = 1800 << 20  # bytes that the process may hold; a million people take some 1,700 MiB
ADDRESSES = 4 << 30  # bytes of address space, for a library that grows too fast to be watched;
OLE_ADDRESSES = 7 << 28  # fewer for the old container, where it is known to, and which holds 65,536 rows a sheet
WATCHED_EVERY = 0.05  # seconds

_OLE = b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_UNSEEN = {  # cells that the library gives as blank, by openpyxl's name of their type; how they stand in the XML
    "e": re.compile(rb't="e"'),
    "f": re.compile(rb"</f>(<v ?/>)?</c>"),  # a formula without its result: written by a program, never calculated
}
_LONGEST = 32  # bytes that one of these takes at most
_WHOLE: dict[str, Any] = {"header_row": None, "skip_rows": 0}  # so that the index of a row is its number less one
_NUMBER = r"^(0|-?\d+\.\d+|-?\d{16,})$"  # may stand for a number that has other digits
_DATE = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


class Sheet(NamedTuple):
    """A sheet as text, each column named by its position, and where its headings stand."""

    name: str
    frame: "pl.DataFrame"
    headings: tuple[str | None, ...]
    at: int  # index of the row of headings
    before: int  # blank columns before the frame's first one


def main() -> None:
    """Read the workbook on standard input."""
    data = sys.stdin.buffer.read()
    _limit_memory(OLE_ADDRESSES if data.startswith(_OLE) else ADDRESSES)
    with ThreadPoolExecutor(2) as pool, os.fdopen(os.dup(1), "wb") as out:
        pool.submit(__import__, "polars")
        unseen = pool.submit(_unseen_kinds, data)
        try:
            reader = fastexcel.read_excel(data)
            sheet = _sheet_with_headings(reader)
        except fastexcel.FastExcelError:
            locked = data.startswith(_OLE) and _LOCKED in data
            out.write(json.dumps({"refused": "password" if locked else "damaged"}).encode())
            return
        told = {"sheet": sheet.name, "sheets": len(reader.sheet_names), "headings": sheet.headings, "row": sheet.at + 1}
        out.write(json.dumps(told).encode() + b"\n")
        if not faults(sheet.headings):
            _write(_rows(reader, sheet, data, unseen), out)


# ----------------------------------------------------------------------------------------------------------------------


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
    frame = pl.DataFrame(loaded)
    frame.columns = [str(position) for position in range(frame.width)]
    top = frame.head(SEARCHED).rows()
    at = max(range(len(top)), key=lambda index: len(match(top[index])), default=0)  # the first of equal ones
    return Sheet(name, frame, top[at] if top else (), at, before)


def _rows(reader: fastexcel.ExcelReader, sheet: Sheet, data: bytes, unseen: "Future[set[str]]") -> "pl.DataFrame":
    """The rows below the headings that are not wholly blank: `row` and the known columns as text."""
    import polars as pl

    frame = sheet.frame.with_row_index(ROW, offset=1)
    positions = match(sheet.headings)
    frame = _with_typed_cells(frame, reader, sheet)
    frame = _with_numbers(frame, reader, sheet)
    for kind in sorted(unseen.result()):  # errors first: a formula whose result is an error has one
        frame = _with_unseen_cells(frame, sheet, data, kind)
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

    frame = pl.DataFrame(
        reader.load_sheet(sheet.name, **_WHOLE, use_columns=[int(name) + sheet.before for name in names], dtypes=dtype)
    )
    frame.columns = names  # the library gives the columns in the order in which they are asked for
    return frame


def _capital(cell: "pl.Expr") -> "pl.Expr":
    import polars as pl

    return pl.when(cell == "true").then(pl.lit("True")).when(cell == "false").then(pl.lit("False")).otherwise(cell)


def _iso(cell: "pl.Expr") -> "pl.Expr":
    return cell.str.replace(" 00:00:00$", "").str.replace("^1899-12-3[01] ", "").str.replace(" ", "T")


def _unseen_kinds(data: bytes) -> set[str]:
    """Which cells an XLSX has that the library would make silently blank."""
    if data.startswith(_OLE):
        return set()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            kind
            for member in archive.infolist()
            if member.filename.startswith("xl/worksheets/")
            for kind in _kinds_in(archive, member)
        }


def _kinds_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> set[str]:
    found: set[str] = set()
    before = b""
    with archive.open(member) as file:
        while len(found) < len(_UNSEEN) and (block := file.read(1 << 20)):
            seam = before[-_LONGEST:] + block[:_LONGEST]
            found |= {kind for kind, cell in _UNSEEN.items() if cell.search(block) or cell.search(seam)}
            before = block
    return found


def _with_unseen_cells(frame: "pl.DataFrame", sheet: Sheet, data: bytes, kind: str) -> "pl.DataFrame":
    """Errors and formulas as a spreadsheet shows them. It takes openpyxl, which is slow, so only if there are any."""
    import openpyxl  # type: ignore[import-untyped]  # it comes without types
    import polars as pl

    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=kind != "f")
    rows = enumerate(workbook[sheet.name].iter_rows(), start=1)
    found = [
        (number, str(at - sheet.before), str(getattr(cell.value, "text", cell.value)))
        for number, row in rows
        for at, cell in enumerate(row)
        if cell.data_type == kind and number > sheet.at + 1
    ]
    if not found:
        return frame
    cells = pl.DataFrame(found, schema={ROW: frame.schema[ROW], "at": pl.String, "shown": pl.String}, orient="row")
    shown = cells.pivot("at", index=ROW, values="shown")
    columns = [name for name in shown.columns if name in frame.columns and name != ROW]
    joined = frame.join(shown, on=ROW, how="left", suffix=" shown", maintain_order="left")
    return joined.with_columns(pl.coalesce(name, f"{name} shown") for name in columns).select(frame.columns)


def _write(frame: "pl.DataFrame", out: io.BufferedWriter) -> None:
    import polars as pl

    frame.write_ipc_stream(out, compat_level=pl.CompatLevel.oldest())  # smaller, and quicker on both sides


if __name__ == "__main__":
    main()
