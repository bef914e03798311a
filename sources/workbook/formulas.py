"""Which formulas of a sheet are read: those whose result can be trusted, and those that need no calculation."""

from collections.abc import Iterable, Mapping

from schemas.columns import FLAGS, REQUIRED
from sources.workbook.facts import Cell, Formula, cell_name
from sources.workbook.refusals import Refused, formula
from sources.workbook.sheets import Sheet

NEVER_NUMBERS = {*REQUIRED, *FLAGS}  # a number in one of these is a fault of the row, such as a table's total


def settled(formulas: Iterable[Formula], sheet: Sheet, fields: Mapping[int, str]) -> list[Cell]:
    """What the doubtful formulas of a sheet show. fields: its known columns, from 0.

    Raises Refused for the first one of a person whose result can't be trusted. Errors stay what they are, and so do
    numbers where a number is a fault.
    """
    cells = []
    for doubtful in formulas:
        row, column, text, result, constant = doubtful
        if row <= sheet.top + 1 or column not in fields:
            continue
        if constant is not None:
            cells.append(Cell(row, column, str(constant)))
        elif result != "error" and not (result in {"zero", "number"} and fields[column] in NEVER_NUMBERS):
            raise Refused(formula(sheet.name, cell_name(row, column), row, text))
    return cells
