"""The process that reads a workbook: standard input is the file, standard output one line of JSON and an Arrow stream.

The line tells {"sheet", "sheets", "headings", "row"}, or {"refused": "damaged" | "password"}. The stream has `row` and the
known columns, every cell text as the contract wants it: whole numbers without `.0`, booleans as True and False, dates as
ISO. It is started by `sources/workbook.py`, which has the words for people.
"""

import io
import json
import os
import re
import resource
import sys
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import fastexcel

from schemas.columns import ROW, TEXTS
from schemas.headings import faults, match

if TYPE_CHECKING:
    import polars as pl

SEARCHED = 100  # rows from the top of a sheet in which the headings may stand
BASE_MEMORY = 3 << 29  # bytes of address space that any workbook may take,
MEMORY_PER_BYTE = 40  # and as many more for each byte of the file


class Sheet(NamedTuple):
    """A sheet as text, and where its headings stand."""

    name: str
    frame: "pl.DataFrame"
    headings: tuple[str | None, ...]
    at: int  # index of the row of headings


def main(memory: int) -> None:
    """Read the workbook on standard input."""
    data = sys.stdin.buffer.read()
    memory = memory or BASE_MEMORY + MEMORY_PER_BYTE * len(data)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with ThreadPoolExecutor(2) as pool, os.fdopen(os.dup(1), "wb") as out:
        pool.submit(__import__, "polars")  # while the workbook is parsed
        errors = pool.submit(_has_error_cells, data)
        try:
            reader = fastexcel.read_excel(data)
            sheet = _sheet_with_headings(reader)
        except fastexcel.FastExcelError as error:
            out.write(json.dumps({"refused": "password" if "password" in str(error).lower() else "damaged"}).encode())
            return
        told = {
            "sheet": sheet.name,
            "sheets": len(reader.sheet_names),
            "headings": sheet.headings,
            "row": sheet.at + 1,
        }
        out.write(json.dumps(told).encode() + b"\n")
        if not faults(sheet.headings):
            _write(_rows(reader, sheet, data, errors), out)


# ----------------------------------------------------------------------------------------------------------------------


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

    frame = pl.DataFrame(reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string"))
    frame.columns = [str(position) for position in range(frame.width)]
    top = frame.head(SEARCHED).rows()
    at = max(range(len(top)), key=lambda index: len(match(top[index])), default=0)  # the first of equal ones
    return Sheet(name, frame, top[at] if top else (), at)


def _rows(reader: fastexcel.ExcelReader, sheet: Sheet, data: bytes, errors: "Future[bool]") -> "pl.DataFrame":
    """The rows below the headings that are not wholly blank: `row` and the known columns as text."""
    import polars as pl

    frame = sheet.frame.with_row_index(ROW, offset=1)
    if errors.result():
        frame = _with_error_cells(frame, sheet, data)
    positions = match(sheet.headings)
    cells = pl.exclude(ROW).str.strip_chars()
    frame = frame.slice(sheet.at + 1).filter(pl.any_horizontal(cells.is_not_null() & (cells != "")))
    frame = frame.with_columns(
        pl.col(str(at)).replace({"true": "True", "false": "False"})
        for field, at in positions.items()
        if field not in TEXTS
    )
    return frame.select(ROW, *(pl.col(str(at)).alias(sheet.headings[at]) for at in sorted(positions.values())))


def _has_error_cells(data: bytes) -> bool:
    return False


def _with_error_cells(frame: "pl.DataFrame", sheet: Sheet, data: bytes) -> "pl.DataFrame":
    return frame


def _write(frame: "pl.DataFrame", out: io.BufferedWriter) -> None:
    import polars as pl

    frame.write_ipc_stream(out, compat_level=pl.CompatLevel.oldest())  # smaller, and quicker on both sides


if __name__ == "__main__":
    main(int(sys.argv[1]))
