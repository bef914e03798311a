"""Merged cells: one value for several people, which the file stores only with the first."""

from collections.abc import Mapping

import polars as pl

from sources.workbook.facts import Area
from sources.workbook.refusals import Refused, merged_cells
from sources.workbook.sheets import Sheet


def check_merged(merged: list[Area], sheet: Sheet, fields: Mapping[int, str], rows: pl.Series) -> None:
    """Raises Refused for cells merged over several rows of people. Title rows and unknown columns may be merged.

    fields: the known columns of the sheet, from 0. rows: the numbers of the rows that are not blank.
    """
    for area in merged:
        is_known = any(area.left <= column <= area.right for column in fields)
        if is_known and area.top < area.bottom and _people_in(area, sheet, rows) > 1:
            raise Refused(merged_cells(sheet.name, area.name))


# ----------------------------------------------------------------------------------------------------------------------


def _people_in(area: Area, sheet: Sheet, rows: pl.Series) -> int:
    """How many rows of people, or of the headings, an area covers."""
    has_headings = area.top <= sheet.top + 1 <= area.bottom
    return int(rows.is_between(area.top, area.bottom).sum()) + has_headings
