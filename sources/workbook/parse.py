"""A workbook from its bytes: the sheet that has the headings, and its rows as a frame.

The library parses the file (`sheets.py`) while a thread searches it for what the library leaves out
(`facts.py`). If it has something that the library would read wrong or not at all, a plain copy is parsed instead.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from importlib import import_module
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
    """The sheet that was read: how many there are, its headings and their row, and what writes its rows (`rows.py`).

    There are no rows if a needed heading is missing or repeated.
    """

    sheet: str
    sheets: int
    headings: tuple[str | None, ...]
    row: int
    write_rows: Callable[[BinaryIO], None] | None


def parse(data: bytes) -> Parsed:
    """What a workbook holds. Raises Refused."""
    with ThreadPoolExecutor(2) as pool:
        pool.submit(import_module, "sources.workbook.rows")  # and Polars with it, while the workbook is parsed
        reader, sheet, workbook = _opened(data, pool)
        if sheet.has_nul:
            raise Refused(damaged("it holds NUL characters, so it is damaged"))
        rows = _rows(reader, sheet, workbook) if sheet.has_headings else None
    return Parsed(sheet.name, len(reader.sheet_names), sheet.headings, sheet.top + 1, rows)


# ----------------------------------------------------------------------------------------------------------------------


def _opened(data: bytes, pool: Executor) -> tuple[fastexcel.ExcelReader, Sheet, Format]:
    """The workbook as the library reads it, its sheet with the headings, and its facts."""
    look_through = FORMATS[kind_of(data)]
    workbook = pool.submit(look_through, data)
    try:
        reader = fastexcel.read_excel(data)
        sheet = sheet_with_headings(reader)
        if workbook.result().is_plain:
            return reader, sheet, workbook.result()
    except fastexcel.FastExcelError:  # what the library does not read may be readable in another spelling
        pass
    plain = workbook.result().plain()
    try:
        reader = fastexcel.read_excel(plain)
        return reader, sheet_with_headings(reader), look_through(plain)
    except fastexcel.FastExcelError:
        raise Refused(not_read()) from None


def _rows(reader: fastexcel.ExcelReader, sheet: Sheet, workbook: Format) -> Callable[[BinaryIO], None]:
    from sources.workbook.rows import known_rows, write  # late: the thread has imported it meanwhile

    return partial(write, known_rows(reader, sheet, workbook.facts(sheet.name)))
