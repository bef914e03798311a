"""The formulas of an XLSX whose stored results can't be trusted."""

import re
from collections.abc import Iterable, Iterator

from sources.workbook.facts import Formula, Result, area, constant_of
from sources.workbook.xlsx_xml import (
    C_END,
    F_END,
    FORMULA,
    V_END,
    C,
    F,
    V,
    XmlCell,
    attributes_of,
    rows_with,
    text_of,
    value_of,
)


def may_be_doubtful(piece: bytes) -> bool:
    """Whether a piece of a sheet has a formula without a result or with 0, or a TRUE() that is not a boolean."""
    return _DOUBTFUL.search(piece) is not None


def doubtful_formulas(blocks: Iterable[bytes], *, is_calculated: bool) -> Iterator[Formula]:
    """The formulas of a sheet whose results can't be trusted; all of them, if the workbook was not calculated."""
    for cells in rows_with(_HAS_FORMULA, blocks):
        for cell in cells:
            match = _WRITTEN.search(cell.inside)
            if match is None:
                continue
            formula = _formula(cell, "=" + text_of(match[2]))
            if formula.is_doubtful(is_calculated=is_calculated):
                yield formula
                yield from _rest_of_array(attributes_of(match[1]), formula)


# ----------------------------------------------------------------------------------------------------------------------

_HAS_FORMULA = re.compile(F)
_WRITTEN = re.compile(rb"%b([^<>]*?)(?:/>|>([^<]*)%b)" % (F, F_END))
_ZERO = re.compile(r"[-+]?0*\.?0*(?:[eE][-+]?\d+)?")
_NOT_OF_KIND = rb"(?![^<>]*\st\s*=\s*[\"'](?:%b)[\"'])"
_NO_RESULT = rb"%b%b[^<>]*>\s*%b(?:%b\s*(?:/>|>\s*%b)\s*)?%b" % (  # with the type "str", it is a blank text
    C,
    _NOT_OF_KIND % b"str",
    FORMULA,
    V,
    V_END,
    C_END,
)
_RESULT_0 = rb"%b%b[^<>]*>\s*%b%b[^<>]*>\s*-?0[0.]*(?:[eE][-+]?\d+)?\s*%b" % (
    C,
    _NOT_OF_KIND % b"b|e|s|str",
    FORMULA,
    V,
    V_END,
)
_CONSTANT = rb"%b%b[^<>]*>\s*%b[^<>]*>\s*(?i:true|false)\s*(?:\(\s*\))?\s*%b" % (C, _NOT_OF_KIND % b"b", F, F_END)
_DOUBTFUL = re.compile(b"|".join((_NO_RESULT, _RESULT_0, _CONSTANT)))


def _formula(cell: XmlCell, text: str) -> Formula:
    return Formula(
        cell.row, cell.column, text, _result(cell.attributes.get("t", "n"), value_of(cell.inside)), constant_of(text)
    )


def _result(kind: str, value: str) -> Result:
    if kind == "e":
        return "error"
    if not value:
        return "text" if kind == "str" else "none"
    if kind == "n":
        return "zero" if _ZERO.fullmatch(value) else "number"
    return "boolean" if kind == "b" else "text"


def _rest_of_array(attributes: dict[str, str], first: Formula) -> Iterator[Formula]:
    """The last row of the array that a formula fills; the array's other cells only have results."""
    if attributes.get("t") == "array" and "ref" in attributes:
        filled = area(attributes["ref"])
        columns = range(filled.left, filled.right + 1)
        yield from (first._replace(row=filled.bottom, column=column, constant=None) for column in columns)
