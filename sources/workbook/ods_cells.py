"""The cells of one row of an ODS: what the library gives as blank or as something else."""

import re
from xml.etree.ElementTree import Element

from sources.workbook.errors import error_text
from sources.workbook.facts import Area, Cell, Facts, Formula, Result, constant_of


def add_facts(facts: Facts, row: Element, numbers: range) -> None:
    """Add the facts of a row, which stands for as many rows as `numbers` has."""
    column = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        facts.merged.extend(_merged(cell, numbers[0], column))
        shown, formula = _shown_otherwise(cell), cell.get(f"{_TABLE}formula")
        places = [(number, column + more) for number in numbers for more in range(times)]
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
_KIND = f"{_OFFICE}value-type"
_OWN_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_LEFT_OUT = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_NUMBERS = {"float", "percentage", "currency"}
_ERROR = re.compile(r"#[^\s#].*|Err:\d+")


def _merged(cell: Element, row: int, column: int) -> list[Area]:
    rows = int(cell.get(f"{_TABLE}number-rows-spanned", 1))
    columns = int(cell.get(f"{_TABLE}number-columns-spanned", 1))
    return [Area(row, column, row + rows - 1, column + columns - 1)] if rows > 1 else []


def _shown_otherwise(cell: Element) -> str | None:
    """What a cell shows, if the library gives it as something else."""
    kind, texts = cell.get(_KIND), cell.findall(f"{_TEXT}p")
    shown = "\n".join(map(_written, texts))
    if _is_error(cell, kind, shown):
        return error_text(shown)
    if kind is None:  # a blank text is the result of a formula
        return shown if texts else None
    has_signs = kind == "string" and any(text.find(f".//{sign}") is not None for text in texts for sign in _LEFT_OUT)
    return shown if has_signs else None


def _is_error(cell: Element, kind: str | None, shown: str) -> bool:
    """LibreOffice says so, or stores a blank text that shows one; other programs store a number that shows one."""
    if cell.get(_OWN_KIND) == "error":
        return True
    if kind == "string":
        return cell.get(f"{_OFFICE}string-value") == "" and shown != ""
    return kind in _NUMBERS and cell.get(f"{_TABLE}formula") is not None and _ERROR.fullmatch(shown) is not None


def _result(cell: Element) -> Result:
    kind = cell.get(_KIND)
    if kind in _NUMBERS:
        return "zero" if float(cell.get(f"{_OFFICE}value", 0)) == 0 else "number"
    return "none" if kind is None else "boolean" if kind == "boolean" else "text"


def _written(text: Element) -> str:
    """A text with its signs: several blanks are one sign, which says how many."""
    blanks = " " * int(text.get(f"{_TEXT}c", 1)) if text.tag == f"{_TEXT}s" else ""
    parts = (_written(part) + (part.tail or "") for part in text)
    return blanks + _LEFT_OUT.get(text.tag, "") + (text.text or "") + "".join(parts)
