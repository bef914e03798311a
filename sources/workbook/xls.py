"""What fastexcel leaves out of an XLS (BIFF): formulas without a result, merged cells, a password."""

import re
import struct
from collections.abc import Iterator

from sources.workbook.facts import Area, Facts, Formula, Result
from sources.workbook.ole import CompoundFile
from sources.workbook.records import constant_of_tokens, skip_usual
from sources.workbook.refusals import Refused, damaged, locked, not_read


class Xls:
    """An XLS, examined. Raises Refused for a locked or damaged one."""

    is_plain = True  # there is only one spelling

    def __init__(self, data: bytes) -> None:
        container = CompoundFile(data)
        self._data = container.stream("Workbook" if "Workbook" in container.names else "Book")
        kinds = {kind for kind, _ in self._records(0)}
        if _LOCKED in kinds:
            raise Refused(locked())
        self._is_by_excel = _CALCULATED_BY in kinds  # or another program that calculates

    def plain(self) -> bytes:
        """Raises Refused: there is no plainer copy."""
        raise Refused(not_read())

    def facts(self, sheet: str) -> Facts:
        """The facts of a sheet."""
        records = list(self._records(self._start_of(sheet)))
        is_calculated = all(kind != _UNCALCULATED for kind, _ in records)
        formulas = [self._formula(content) for kind, content in records if kind == _FORMULA]
        merged = [area for kind, content in records if kind == _MERGED for area in _areas(content)]
        return Facts([one for one in formulas if one.is_doubtful(is_calculated=is_calculated)], merged, [])

    def _start_of(self, sheet: str) -> int:
        for kind, content in self._records(0):
            if kind == _SHEET and self._sheet_name(content) == sheet:
                return int.from_bytes(content[:4], "little")
        raise Refused(damaged("its list of sheets can't be read"))

    def _sheet_name(self, content: bytes) -> str:
        """The name of a sheet, as in fastexcel. Excel 95 has no Unicode yet, nor the bit that says so."""
        length, is_wide, text = content[6], content[7] & 1, content[8:]
        if self._data[4:6] != _BIFF8:
            return content[7 : 7 + length].decode("windows-1252", "replace")
        return text[: 2 * length].decode("utf-16-le", "replace") if is_wide else text[:length].decode("latin-1")

    def _records(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The records up to the end of the sheet, without usual cells. Charts inside have their own ends."""
        at, depth = start, 0
        while depth >= 0 and at + 4 <= len(self._data):
            kind, length = struct.unpack_from("<HH", self._data, at)
            yield kind, self._data[at + 4 : at + 4 + length]
            depth += (kind == _BEGIN) - (kind == _END)
            at = skip_usual(_USUAL, self._data, at + 4 + length)
            if depth == 0:
                return

    def _formula(self, content: bytes) -> Formula:
        row, column = struct.unpack_from("<HH", content)
        tokens = content[22 : 22 + int.from_bytes(content[20:22], "little")]
        return Formula(row + 1, column, "", self._result(content[6:14]), constant_of_tokens(tokens))

    def _result(self, stored: bytes) -> Result:
        if stored[6:] != b"\xff\xff":
            return "zero" if struct.unpack("<d", stored)[0] == 0 else "number"
        if stored[0] == _BLANK_TEXT and not self._is_by_excel:
            return "none"
        return _RESULTS.get(stored[0], "text")


# ----------------------------------------------------------------------------------------------------------------------

_BIFF8 = b"\x00\x06"  # the version since Excel 97
_FORMULA, _END, _BEGIN = 0x0006, 0x000A, 0x0809
_LOCKED, _SHEET, _UNCALCULATED, _MERGED, _CALCULATED_BY = 0x002F, 0x0085, 0x005E, 0x00E5, 0x01C1
_BLANK_TEXT = 3  # programs that do not calculate store it too
_RESULTS: dict[int, Result] = {1: "boolean", 2: "error"}
_USUAL = re.compile(  # cells: shared texts, numbers, blanks, booleans and errors
    rb"(?:\xfd\x00\x0a\x00.{10}|\x03\x02\x0e\x00.{14}|\x7e\x02\x0a\x00.{10}|\x01\x02\x06\x00.{6}|\x05\x02\x08\x00.{8})*",
    re.DOTALL,
)


def _areas(content: bytes) -> Iterator[Area]:
    for top, bottom, left, right in struct.iter_unpack("<HHHH", content[2 : 2 + len(content[2:]) // 8 * 8]):
        yield Area(top + 1, left, bottom + 1, right)
