"""Merged cells: one value for several people refuses the file, in every format."""

import struct
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from schemas.columns import FIELDS
from sources.workbook.facts import Area, area
from tests.sources.workbook.binary import Sheet, xls, xlsb
from tests.sources.workbook.workbooks import PERSON, frame, ods_of, ods_row, reason

PEOPLE = [["Contoso", *PERSON, "West"]] * 3
ROWS = [["Users of Contoso"], [], ["Account Name", *FIELDS, "Region"], *PEOPLE, ["A footer"], []]


def _xlsx(path: Path, merged: Area) -> Path:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.title = "Users"
    book.active.merge_cells(merged.name)
    book.save(path)
    return path


def _xls(path: Path, merged: Area) -> Path:
    record = struct.pack("<5H", 1, merged.top - 1, merged.bottom - 1, merged.left, merged.right)
    return xls(path, Sheet(ROWS, more=[(0x00E5, record)]))


def _xlsb(path: Path, merged: Area) -> Path:
    record = struct.pack("<4I", merged.top - 1, merged.bottom - 1, merged.left, merged.right)
    return xlsb(path, Sheet(ROWS, more=[(177, struct.pack("<I", 1)), (176, record), (178, b"")]))


def _ods(path: Path, merged: Area) -> Path:
    rows, columns = merged.bottom - merged.top + 1, merged.right - merged.left + 1
    spans = {merged.left: f'table:number-rows-spanned="{rows}" table:number-columns-spanned="{columns}"'}
    written = [ods_row(row, spans if at == merged.top else {}) for at, row in enumerate(ROWS, start=1)]
    return ods_of(path, {"Users": (True, written)})


@pytest.fixture(params=[_xlsx, _xls, _xlsb, _ods], ids=["xlsx", "xls", "xlsb", "ods"])
def workbook(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Path]:
    """Make a workbook with merged cells, in every format."""
    return lambda merged: request.param(tmp_path / "users.bin", area(merged))


@pytest.mark.parametrize("merged", ["A4:A6", "A5:A6", "C4:D5", "P5:P6", "A3:A4", "A4:A8"])
def test_cells_merged_across_people_are_named(workbook: Callable[[str], Path], merged: str) -> None:
    """Also with the headings, or with rows below."""
    assert f"Users!{merged} " in reason(workbook(merged)).what


@pytest.mark.parametrize("merged", ["A1:Q1", "A1:D2", "A4:B4", "Q4:Q6", "A2:A3", "A7:Q8"])
def test_other_merged_cells_are_harmless(workbook: Callable[[str], Path], merged: str) -> None:
    """Titles, one person's cells, unneeded columns, a footer."""
    assert frame(workbook(merged))["row"].to_list()[-1] == 7
