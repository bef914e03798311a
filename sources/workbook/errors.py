"""Cells of another type than requested: fastexcel makes them blank and reports what they are."""

import re
from typing import NamedTuple

import fastexcel

from sources.workbook.facts import Cell


class Mistyped(NamedTuple):
    """A cell of another type, and fastexcel's name of the type: Error, Duration, DateTimeIso."""

    kind: str
    cell: Cell


def mistyped_cells(errors: fastexcel.CellErrors | None, left: int) -> list[Mistyped]:
    """The cells that fastexcel made blank. left: blank columns before the range that it reads."""
    mistyped = []
    for error in errors.errors if errors else ():
        row, position = error.position
        detail = _DETAIL.search(error.detail)
        kind, value = detail.groups() if detail else ("", "?")  # unknown, but not blank
        mistyped.append(Mistyped(kind, Cell(row + 1, position + left, _shown(kind, value))))
    return mistyped


def error_of_number(number: int) -> str:
    """The text of an error that a binary workbook stores as a number."""
    return _NUMBERS.get(number, "#ERROR!")


def error_text(shown: str) -> str:
    """An error as English Excel shows it; #ERROR! for one in another language, or of another program."""
    return shown if _COMMON.fullmatch(shown) else "#ERROR!"


# ----------------------------------------------------------------------------------------------------------------------

_DETAIL = re.compile(r"got '(\w+)\((.*)\)'$")  # as in: Expected string but got 'Error(Div0)'
_NAMES = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}
_NUMBERS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_COMMON = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!)|Err:\d{3}")
_TIME = re.compile(r'"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S"')


def _shown(kind: str, value: str) -> str:
    if kind == "Error":
        return error_text(_NAMES.get(value, value))
    time = _TIME.fullmatch(value)
    return ":".join(f"{int(part):02}" for part in time.groups()) if time else value.strip('"')
