"""A workbook from its bytes: the sheet that has the headings, and its rows as a frame.

fastexcel parses the file (`sheets.py`) while a thread searches it for what fastexcel leaves out (`facts.py`). If it
contains anything that fastexcel would get wrong, a plain copy is parsed instead.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import BinaryIO, NamedTuple

import fastexcel

from sources.workbook.container import kind_of
from sources.workbook.facts import Format
from sources.workbook.ods import Ods
from sources.workbook.refusals import Refused, damaged, not_read
from sources.workbook.sheets import Sheet, sheet_with_headings
from sources.workbook.xls import Xls
from sources.workbook.xlsb import Xlsb
from sources.workbook.xlsx import Xlsx

FORMATS: dict[str, Callable[[bytes], Format]] = {"xlsx": Xlsx, "xlsb": Xlsb, "xls": Xls, "ods": Ods}


class Parsed(NamedTuple):
    """The sheet that was read, the number of sheets, its headings, their row (from 1), and a function that writes its
    rows (`rows.write`); None if a needed heading is missing or repeated.
    """

    sheet: str
    sheets: int
    headings: tuple[str | None, ...]
    row: int
    write_rows: Callable[[BinaryIO], None] | None


def parse(data: bytes) -> Parsed:
    """The sheet with the headings. Raises Refused."""
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(import_module, "sources.workbook.rows")  # and polars, while the workbook is parsed
        reader, sheet, workbook = _opened(data, pool)
        if sheet.has_nul:
            raise Refused(damaged("it has NUL characters, so it is damaged"))
        rows = _rows(writing.result(), reader, sheet, workbook) if sheet.has_headings else None
    return Parsed(sheet.name, len(reader.sheet_names), sheet.headings, sheet.top + 1, rows)


# ----------------------------------------------------------------------------------------------------------------------


def _opened(data: bytes, pool: Executor) -> tuple[fastexcel.ExcelReader, Sheet, Format]:
    """The workbook for fastexcel, its sheet with the headings, and the same workbook as `Format`."""
    examine = FORMATS[kind_of(data)]
    workbook = pool.submit(examine, data)
    try:
        reader = fastexcel.read_excel(data)
        sheet = sheet_with_headings(reader)
        if workbook.result().is_plain:
            return reader, sheet, workbook.result()
    except fastexcel.FastExcelError:  # perhaps fastexcel can read a plain copy
        pass
    plain = workbook.result().plain()
    try:
        reader = fastexcel.read_excel(plain)
        return reader, sheet_with_headings(reader), examine(plain)
    except fastexcel.FastExcelError:
        raise Refused(not_read()) from None


def _rows(
    writing: ModuleType, reader: fastexcel.ExcelReader, sheet: Sheet, workbook: Format
) -> Callable[[BinaryIO], None]:
    return partial(writing.write, writing.known_rows(reader, sheet, workbook.facts(sheet.name)))
