"""What fastexcel leaves out of an XLSB (BIFF12): formulas without a result, errors of formulas, merged cells."""

import re
import struct
from collections.abc import Iterator

from sources.workbook.errors import error_of_number
from sources.workbook.facts import Area, Cell, Facts, Formula, Result
from sources.workbook.package import Package
from sources.workbook.records import constant_of_tokens, skip_usual
from sources.workbook.refusals import Refused, not_read


class Xlsb:
    """An XLSB, examined. Raises Refused for a damaged one."""

    is_plain = True  # there is only one spelling

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        workbook = self._package.read(self._package.workbook)
        self._ids = dict(_sheet(content) for kind, content in _records(workbook) if kind == _SHEET)
        self._is_calculated = not any(
            kind == _CALCULATION and content[24] & _NOT_CALCULATED for kind, content in _records(workbook)
        )

    def plain(self) -> bytes:
        """Raises Refused: there is no plainer copy."""
        raise Refused(not_read())

    def facts(self, sheet: str) -> Facts:
        """The facts of a sheet."""
        facts = Facts([], [], [])
        _, part = self._package.related(self._package.workbook)[self._ids[sheet]]
        row = 0
        for kind, content in _records(self._package.read(part)):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", content)
            elif kind == _MERGED:
                top, bottom, left, right = struct.unpack_from("<IIII", content)
                facts.merged.append(Area(top + 1, left, bottom + 1, right))
            elif kind in {_RICH_TEXT, _ERROR}:
                facts.cells.append(_cell(row, kind, content))
            elif kind in _FORMULAS:
                formula = _formula(row, kind, content)
                facts.formulas.extend([formula] * formula.is_doubtful(is_calculated=self._is_calculated))
        return facts


# ----------------------------------------------------------------------------------------------------------------------

_ROW, _SHEET, _CALCULATION, _MERGED = 0, 156, 157, 176
_TEXT, _NUMBER, _BOOLEAN = _FORMULAS = range(8, 11)
_ERROR = 11  # of a formula
_RICH_TEXT = 62
_RESULTS: dict[int, Result] = {_TEXT: "text", _NUMBER: "number", _BOOLEAN: "boolean"}
_NOT_CALCULATED = 0b10001  # calculate on load; some cells were not calculated
_USUAL = re.compile(  # cells: blanks, numbers, errors, booleans and shared texts
    rb"(?:\x01\x08.{8}|\x02\x0c.{12}|[\x03\x04]\x09.{9}|\x05\x10.{16}|\x07\x0c.{12})*", re.DOTALL
)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The records, without usual cells."""
    at = 0
    while at < len(data):
        kind, at = _short(data, at, 2)
        length, at = _short(data, at, 4)
        yield kind, data[at : at + length]
        at = skip_usual(_USUAL, data, at + length)


def _short(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number with seven bits per byte, and the position after it."""
    number = 0
    for place in range(longest):
        byte = data[at + place]
        number |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            break
    return number, at + place + 1


def _sheet(content: bytes) -> tuple[str, str]:
    """The name of a sheet, and the id of the relation to its part."""
    relation, at = _wide(content, 8)
    name, _ = _wide(content, at)
    return name, relation


def _wide(content: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * length
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def _cell(row: int, kind: int, content: bytes) -> Cell:
    """A cell that fastexcel leaves blank."""
    (column,) = struct.unpack_from("<I", content)
    return Cell(row + 1, column, error_of_number(content[8]) if kind == _ERROR else _wide(content, 9)[0])


def _formula(row: int, kind: int, content: bytes) -> Formula:
    (column,) = struct.unpack_from("<I", content)
    after = {_TEXT: 12 + 2 * int.from_bytes(content[8:12], "little"), _NUMBER: 16, _BOOLEAN: 9}[kind]
    length = int.from_bytes(content[after + 2 : after + 6], "little")
    tokens = content[after + 6 : after + 6 + length]
    is_zero = kind == _NUMBER and struct.unpack_from("<d", content, 8)[0] == 0
    result = "zero" if is_zero else _RESULTS[kind]
    return Formula(row + 1, column, "", result, constant_of_tokens(tokens))
