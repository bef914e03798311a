"""Cells of a workbook that its library gives as other than they are: errors, times, formulas without a result.

It makes them blank, and in a flag column that would be a silent one. Some of them it tells as errors (`told_by`); the
others are looked for in the file itself (`suspect`, then `found_in`). Used by `sources/workbook/child.py` only.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, iterparse

import fastexcel

ODS = "content.xml"  # where the cells of an ODS are
BLOCK = 1 << 20  # bytes that are looked at at once
FEW = 4  # blocks at the beginning of a part


class Cell(NamedTuple):
    """What is to stand in a cell. `row` is its number, `at` its place in the range that the library reads, from 0."""

    row: int
    at: int
    kind: str
    shown: str


class Unclear(Exception):  # noqa: N818  the workbook is as it is
    """The workbook has such cells, and what they are can't be told."""


def told_by(errors: fastexcel.CellErrors | None) -> list[Cell]:
    """The cells that are not of the type that the library was asked for: their kind there, and how they are shown."""
    cells = []
    for error in errors.errors if errors else ():
        row, at = error.position
        found = _TOLD.search(error.detail)
        kind, value = found.groups() if found else ("", "?")  # whatever it is, it is not blank
        cells.append(Cell(row + 1, at, kind, _shown(kind, value)))
    return cells


def suspect(data: bytes) -> str | None:
    """The part of a zipped workbook that has cells which the library says nothing about, if there is one.

    Raises Unclear for a boolean that is spelt as the library does not know: it would take each for true.
    """
    if not data.startswith(b"PK"):
        return None
    found = None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            is_suspect = _is_suspect_ods if member.filename == ODS else _is_suspect_sheet
            if _MAY_BE_A_SHEET.search(member.filename) and is_suspect(_blocks(archive, member)):
                found = member.filename
    return found


def found_in(data: bytes, part: str, sheet: str, before: int) -> list[Cell]:
    """These cells of one sheet, as they are written. before: how many columns stand before the library's first one.

    Raises Unclear.
    """
    if part == ODS:
        return [cell._replace(at=cell.at - before) for cell in _cells_of_ods(data, sheet)]
    import openpyxl  # type: ignore[import-untyped]  # it comes without types

    try:  # it is slow, so this is done only if there are any
        worksheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True)[sheet]
        worksheet.reset_dimensions()  # what the file says of them need not be so
        rows = worksheet.iter_rows()
        return [
            Cell(number, at - before, "formula", str(getattr(cell.value, "text", cell.value)))
            for number, row in enumerate(rows, start=1)
            for at, cell in enumerate(row)
            if cell.data_type == "f"
        ]
    except Exception:  # noqa: BLE001  it raises many kinds, also for what it needs for nothing, as styles
        raise Unclear from None


# ----------------------------------------------------------------------------------------------------------------------

_TOLD = re.compile(r"got '(\w+)\((.*)\)'$")  # as in: Expected string but got 'Error(Div0)'
_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}
_TIME = re.compile(r'"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S"')

_MAY_BE_A_SHEET = re.compile(r"(?i)(?<!sharedstrings)(?<!styles)\.xml$")
_P = rb"(?:\w+:)?"  # the prefix of a name space
_C, _F, _V = (rb"<" + _P + name + rb"\b" for name in (b"c", b"f", b"v"))
_TO_C, _TO_F, _TO_V = (rb"</" + _P + name + rb">" for name in (b"c", b"f", b"v"))
_FORMULA = rb"%b[^<>]*(?:/>|>[^<]*%b)\s*" % (_F, _TO_F)
_UNCALCULATED = re.compile(  # a formula, then no result; that of a cell of the kind "str" is a blank text
    rb"%b(?![^<>]*\st\s*=\s*[\"']str[\"'])[^<>]*>\s*%b(?:%b\s*(?:/>|>\s*%b)\s*)?%b" % (_C, _FORMULA, _V, _TO_V, _TO_C)
)
_UNUSUAL_BOOLEAN = re.compile(
    rb"%b[^<>]*\st\s*=\s*[\"']b[\"'][^<>]*>\s*(?:%b)?%b[^<>/]*>(?![01]?</).{1,99}?</" % (_C, _FORMULA, _V), re.DOTALL
)
_ODD_BOOLEAN = re.compile(rb'"b"(?!><v>[01]</v>)')  # told much quicker than an unusual one
_IN_ODS = re.compile(  # an error, signs in a text that are left out, or a cell without a type that is not blank
    rb"<text:(?:tab|line-break)\b|\scalcext:value-type=[\"']error[\"']|\soffice:string-value=(?:\"\"|'')"
    rb"|<table:(?:covered-)?table-cell\b(?![^<>]*\soffice:value-type=)(?:[^<>]*\stable:formula=|(?:[^<>]*[^/<>])?>(?!</))"
)
_LONGEST = 1 << 12  # bytes that one of these takes at most

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LEFT_OUT = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_OWN_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def _shown(kind: str, value: str) -> str:
    if kind == "Error":
        return _ERRORS.get(value, f"#{value}")
    time = _TIME.fullmatch(value)
    return ":".join(f"{int(part):02}" for part in time.groups()) if time else value.strip('"')


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part in blocks; each begins with the end of the one before."""
    block = b""
    with archive.open(member) as file:
        while more := file.read(BLOCK):
            block = block[-_LONGEST:] + more
            yield block


def _is_suspect_ods(blocks: Iterable[bytes]) -> bool:
    return any(map(_IN_ODS.search, blocks))


def _is_suspect_sheet(blocks: Iterable[bytes]) -> bool:
    """Each block is looked through for one short sign after another: there are hundreds of megabytes of them."""
    has_formulas = found = False
    for number, block in enumerate(blocks):
        if (_ODD_BOOLEAN.search(block) or b"'b'" in block) and _UNUSUAL_BOOLEAN.search(block):
            raise Unclear
        # The end of a formula. Those that refer to it have none of their own; at the beginning they are looked for too.
        has_formulas = has_formulas or b"f>" in block or (number < FEW and b"<f" in block)
        found = found or (has_formulas and _UNCALCULATED.search(block) is not None)
    return found


def _cells_of_ods(data: bytes, sheet: str) -> Iterator[Cell]:
    number, inside = 1, False
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(ODS) as file:
        for event, element in iterparse(file, ("start", "end")):  # noqa: S314  this process has limits of its own
            if element.tag == f"{_TABLE}table":
                inside = event == "start" and element.get(f"{_TABLE}name") == sheet
            elif event == "end" and inside and element.tag == f"{_TABLE}table-row":
                cells = list(_cells_of_row(element))
                times = int(element.get(f"{_TABLE}number-rows-repeated", 1))
                yield from (cell._replace(row=number + more) for more in range(times if cells else 0) for cell in cells)
                number += times
                element.clear()


def _cells_of_row(row: Element) -> Iterator[Cell]:
    at = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        if shown := _other_than_given(cell):
            yield from (Cell(0, at + more, "formula", shown) for more in range(times))
        at += times


def _other_than_given(cell: Element) -> str | None:
    """What a cell of an ODS shows, if the library gives it as another."""
    kind, texts = cell.get(f"{_OFFICE}value-type"), cell.findall(f"{_TEXT}p")
    shown = "\n".join(map(_written, texts))
    if kind is None:  # a blank text is the result of a formula
        return shown if texts else cell.get(f"{_TABLE}formula")
    is_error = cell.get(_OWN_TYPE) == "error" or (kind == "string" and cell.get(f"{_OFFICE}string-value") == "")
    has_signs = kind == "string" and any(text.find(f".//{sign}") is not None for text in texts for sign in _LEFT_OUT)
    return shown if is_error or has_signs else None


def _written(text: Element) -> str:
    """A text of an ODS with its signs: several blanks are one there, and how many."""
    blanks = " " * int(text.get(f"{_TEXT}c", 1)) if text.tag == f"{_TEXT}s" else ""
    parts = (_written(part) + (part.tail or "") for part in text)
    return blanks + _LEFT_OUT.get(text.tag, "") + (text.text or "") + "".join(parts)
