"""What the doubtful formulas of a sheet mean: a constant, an error, a fault of the row, or a refusal of the file."""

from collections.abc import Iterable, Mapping

from schemas.columns import FLAGS, REQUIRED
from sources.workbook.facts import Cell, Formula, cell_name
from sources.workbook.refusals import Refused, formula
from sources.workbook.sheets import Sheet

NEVER_NUMBERS = {*REQUIRED, *FLAGS}  # a number in one of these is a fault of the row, as in a table's total


def cells_of_formulas(formulas: Iterable[Formula], sheet: Sheet, fields: Mapping[int, str]) -> list[Cell]:
    """The cells of those doubtful formulas that are constants. fields: the sheet's known columns, from 0.

    Raises Refused for the first formula in a person's row whose result can't be trusted. Errors stay as they are, and
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
