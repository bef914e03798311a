"""The rows below the headings of a sheet, every cell as the text that a spreadsheet shows.

`sheets.py` chooses the sheet, `typed.py` formats booleans, dates and numbers, and `facts.py` has what fastexcel leaves
out. `parse.py` imports this module late, because it imports polars.
"""

from typing import BinaryIO

import fastexcel
import polars as pl

from schemas.columns import REQUIRED, ROW
from schemas.headings import match
from sources.workbook.errors import mistyped_cells
from sources.workbook.facts import Facts
from sources.workbook.formulas import cells_of_formulas
from sources.workbook.merged import check_merged
from sources.workbook.overlay import with_cells
from sources.workbook.sheets import Sheet
from sources.workbook.typed import as_shown


def known_rows(reader: fastexcel.ExcelReader, sheet: Sheet, facts: Facts) -> pl.DataFrame:
    """The rows that are not wholly blank: `row` and the known columns as text, under the sheet's headings.

    Raises Refused for a formula whose result can't be trusted, and for cells merged over several rows.
    """
    positions = match(sheet.headings)
    fields = {position + sheet.left: field for field, position in positions.items()}
    errors = [mistyped.cell for mistyped in mistyped_cells(sheet.errors, sheet.left)]
    shown = [*facts.cells, *cells_of_formulas(facts.formulas, sheet, fields)]
    frame = as_shown(_with_row_numbers(pl.DataFrame(sheet.batch)), reader, sheet)
    frame = with_cells(with_cells(frame, errors, sheet.left, replace=False), shown, sheet.left)
    frame = _without_blank_rows(frame.slice(sheet.top + 1), str(positions[REQUIRED[0]]))
    check_merged(facts.merged, sheet, fields, frame[ROW])
    known = [(pl.col(str(position)), sheet.headings[position]) for position in sorted(positions.values())]
    return frame.select(ROW, *(pl.when(cell != "").then(cell).alias(str(heading)) for cell, heading in known))


def write(frame: pl.DataFrame, out: BinaryIO) -> None:
    """The frame as an Arrow stream."""
    frame.write_ipc_stream(out, compat_level=pl.CompatLevel.oldest())  # smaller, and faster on both sides


# ----------------------------------------------------------------------------------------------------------------------


def _with_row_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its columns named by position, and `row`."""
    frame.columns = [str(position) for position in range(frame.width)]
    return frame.with_row_index(ROW, offset=1)


def _without_blank_rows(frame: pl.DataFrame, probe: str) -> pl.DataFrame:
    """probe: a column that is rarely blank, so that usually only this one is checked."""
    trimmed = pl.col(probe).str.strip_chars()
    if not frame.select((trimmed.is_null() | (trimmed == "")).any()).item():
        return frame
    cells = pl.exclude(ROW).str.strip_chars()
    return frame.filter(pl.any_horizontal(cells.is_not_null() & (cells != "")))
