"""Cells that are not of the type that the library was asked for: it makes them blank and reports what they are."""

import re
from typing import NamedTuple

import fastexcel

from sources.workbook.facts import Cell


class Other(NamedTuple):
    """A cell of another type, and what the library calls the type: Error, Duration, DateTimeIso."""

    kind: str
    cell: Cell


def cells_of_other_types(errors: fastexcel.CellErrors | None, left: int) -> list[Other]:
    """The cells that the library made blank. left: blank columns before the range that it reads."""
    others = []
    for error in errors.errors if errors else ():
        row, position = error.position
        detail = _DETAIL.search(error.detail)
        kind, value = detail.groups() if detail else ("", "?")  # whatever it is, it is not blank
        others.append(Other(kind, Cell(row + 1, position + left, _shown(kind, value))))
    return others


def error_of_number(number: int) -> str:
    """An error that a binary workbook stores as a number."""
    return _NUMBERS.get(number, "#ERROR!")


def error_text(shown: str) -> str:
    """An error as Excel shows it in English; one in another language or of one program only as #ERROR!."""
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
