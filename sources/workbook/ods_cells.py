"""The cells of one row of an ODS that fastexcel would make blank or get wrong."""

import re
from collections.abc import Iterator
from itertools import product
from xml.etree.ElementTree import Element

from sources.workbook.errors import error_text
from sources.workbook.facts import Area, Cell, Facts, Formula, Result, constant_of


def add_facts(facts: Facts, row: Element, numbers: range) -> None:
    """Add the facts of a row that stands for all rows in `numbers`."""
    column = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        places = product(numbers, range(column, column + times))
        facts.merged.extend(_merged(cell, numbers[0], column))
        shown, formula = _shown_otherwise(cell), cell.get(f"{_TABLE}formula")
        if shown is not None:
            facts.cells.extend(Cell(*place, shown) for place in places)
        elif formula is not None:
            formulas = (Formula(*place, formula, _result(cell), constant_of(formula)) for place in places)
            facts.formulas.extend(one for one in formulas if one.is_doubtful(is_calculated=True))
        column += times


# ----------------------------------------------------------------------------------------------------------------------

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STRING = f"{_OFFICE}string-value"
_KIND = f"{_OFFICE}value-type"
_OWN_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_LEFT_OUT = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_DRAWING = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_BESIDE = (_DRAWING, f"{_OFFICE}annotation")
_READ_TOO = (_DRAWING, f"{_TEXT}ruby")  # fastexcel reads it, though it is not the cell's text
_RUBY = f"{_TEXT}ruby-text"  # the pronunciation of the text before it
_TEXTS = {f"{_TEXT}p", f"{_TEXT}h"}
_NUMBERS = {"float", "percentage", "currency"}
_VALUE_OF = {
    **dict.fromkeys(_NUMBERS, f"{_OFFICE}value"),
    **{kind: f"{_OFFICE}{kind}-value" for kind in ("date", "time", "boolean")},
}
_ERROR = re.compile(r"#[^\s#].*|Err:\d+")


def _merged(cell: Element, row: int, column: int) -> list[Area]:
    rows = int(cell.get(f"{_TABLE}number-rows-spanned", 1))
    columns = int(cell.get(f"{_TABLE}number-columns-spanned", 1))
    return [Area(row, column, row + rows - 1, column + columns - 1)] if rows > 1 else []


def _shown_otherwise(cell: Element) -> str | None:
    """What a cell shows, if fastexcel returns something else; else None."""
    kind, texts = cell.get(_KIND), list(_texts(cell))
    shown = "\n".join(map(_written, texts))
    if _is_error(cell, kind, shown):
        return error_text(shown)
    if kind is None:  # a blank text would be the result of a formula
        return shown if texts else None
    if kind != "string":
        value = cell.get(_VALUE_OF.get(kind, ""))
        return None if value and (kind != "boolean" or value in {"true", "false"}) else value or shown
    is_misread = any(one.tag in _LEFT_OUT or one.tag.startswith(_READ_TOO) for one in cell.iter())
    return shown if is_misread or cell.get(_STRING) == "" else None


def _texts(element: Element) -> Iterator[Element]:
    """The texts of a cell, without those of notes and drawings."""
    for part in element:
        if part.tag in _TEXTS:
            yield part
        elif not part.tag.startswith(_BESIDE):
            yield from _texts(part)


def _is_error(cell: Element, kind: str | None, shown: str) -> bool:
    """LibreOffice marks an error, or stores "" and shows the error; other programs store a number and show the
    error."""
    if cell.get(_OWN_KIND) == "error":
        return True
    is_blank_text = kind == "string" and cell.get(_STRING) == ""
    is_number = kind in _NUMBERS and cell.get(f"{_TABLE}formula") is not None
    return (is_blank_text or is_number) and _ERROR.fullmatch(shown) is not None


def _result(cell: Element) -> Result:
    kind = cell.get(_KIND)
    if kind in _NUMBERS:
        return "zero" if float(cell.get(f"{_OFFICE}value", 0)) == 0 else "number"
    return "none" if kind is None else "boolean" if kind == "boolean" else "text"


def _written(text: Element) -> str:
    """A text with tabs, line breaks and repeated blanks, which are elements in the XML."""
    blanks = " " * int(text.get(f"{_TEXT}c", 1)) if text.tag == f"{_TEXT}s" else ""
    parts = ((_written(part) if part.tag != _RUBY else "") + (part.tail or "") for part in text)
    return blanks + _LEFT_OUT.get(text.tag, "") + (text.text or "") + "".join(parts)
