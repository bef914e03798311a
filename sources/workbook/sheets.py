"""Finding the sheet of a workbook that has the headings. `rows.py` makes text of its cells."""

from typing import TYPE_CHECKING, Any, NamedTuple

import fastexcel

from schemas.headings import faults, match
from sources.workbook.refusals import Refused, damaged, empty, hidden_sheet, several_sheets

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it comes without types

SEARCHED = 100  # rows from the top of a sheet that may be the headings
WHOLE: dict[str, Any] = {"header_row": None, "skip_rows": 0}  # makes a row's index its number minus one


class Sheet(NamedTuple):
    """A sheet as text. Columns are numbered within the range that fastexcel reads."""

    name: str
    is_visible: bool
    batch: "pa.RecordBatch"
    errors: fastexcel.CellErrors | None  # the cells that fastexcel could not turn into text
    headings: tuple[str | None, ...]
    top: int  # index of the row of headings
    left: int  # blank columns before the range

    @property
    def has_headings(self) -> bool:
        """Whether it has all needed columns, each once."""
        return not faults(self.headings)

    @property
    def has_nul(self) -> bool:
        """Whether a cell has a NUL."""
        return any(b"\0" in text.to_pybytes() for column in self.batch.columns if (text := column.buffers()[-1]))


def sheet_with_headings(reader: fastexcel.ExcelReader) -> Sheet:
    """The visible sheet with all headings, else the one with the most.

    Raises Refused if several visible sheets have them all, or only hidden ones.
    """
    best: Sheet | None = None
    visible: list[str] = []
    hidden: list[str] = []
    for name in reader.sheet_names:
        sheet = _loaded(reader, name)
        if sheet.has_headings:
            (visible if sheet.is_visible else hidden).append(name)
        if best is None or _fitness(sheet) > _fitness(best):
            best = sheet
    if len(visible) > 1:
        raise Refused(several_sheets(visible))
    if hidden and not visible:
        raise Refused(hidden_sheet(hidden[0]))
    if best is None:
        raise Refused(damaged("it has no sheets"))
    if not any(best.headings):
        raise Refused(empty())
    return best


def columns_as(reader: fastexcel.ExcelReader, sheet: Sheet, names: list[str], dtype: Any) -> fastexcel.ExcelSheet:
    """Some columns of a sheet, read again as another type, in the order of `names`."""
    columns = [int(name) + sheet.left for name in names]
    loaded: fastexcel.ExcelSheet = reader.load_sheet(sheet.name, **WHOLE, use_columns=columns, dtypes=dtype)
    return loaded


# ----------------------------------------------------------------------------------------------------------------------


def _fitness(sheet: Sheet) -> tuple[bool, bool, int]:
    return sheet.has_headings and sheet.is_visible, sheet.is_visible, len(match(sheet.headings))


def _loaded(reader: fastexcel.ExcelReader, name: str) -> Sheet:
    loaded = reader.load_sheet(name, **WHOLE, dtypes="string")
    left = min((column.absolute_index for column in loaded.selected_columns), default=0)
    batch, errors = loaded.to_arrow_with_errors()
    rows = list(zip(*(column.to_pylist() for column in batch.slice(0, SEARCHED).columns), strict=True))
    top = max(range(len(rows)), key=lambda index: len(match(rows[index])), default=0)  # on a tie, the first
    headings = rows[top] if rows else ()
    return Sheet(name, loaded.visible == "visible", batch, errors, headings, top, left)
