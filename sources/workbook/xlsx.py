"""What the library leaves out of an XLSX: formulas without a result, merged cells, booleans and errors that are
spelt in another way than Excel's.

Each sheet is searched piece by piece for a few short signs, which takes a tenth of the time that the library
takes to parse it. Only a sheet that has them is examined more closely: its formulas here, the rest in `xlsx_plain.py`.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from sources.workbook.facts import Area, Facts, Formula, area
from sources.workbook.package import Package, attribute, local
from sources.workbook.xlsx_formulas import doubtful_formulas, may_be_doubtful
from sources.workbook.xlsx_plain import is_plain, plain_copy
from sources.workbook.xml_rows import P, in_whole_rows

FEW = 4  # pieces at the beginning of a sheet


class Signs(NamedTuple):
    """What one sheet has."""

    is_plain: bool
    has_formulas: bool
    has_doubtful: bool  # formulas whose results can't be trusted, in a workbook that was calculated
    merged: frozenset[Area]


class Xlsx:
    """An XLSX or XLSM, searched. Raises Refused if it can't be."""

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        self._is_calculated = _is_calculated(self._package)
        self._signs = {sheet.name: _signs(self._package.blocks(sheet.part)) for sheet in self._package.sheets}
        self.is_plain = all(signs.is_plain for signs in self._signs.values())

    def plain(self) -> bytes:
        """A copy under the usual names, spelt as Excel does."""
        return plain_copy(self._package, is_calculated=self._is_calculated)

    def facts(self, sheet: str) -> Facts:
        """The facts of a sheet that is plain."""
        signs = self._signs[sheet]
        formulas: list[Formula] = []
        if signs.has_doubtful or (signs.has_formulas and not self._is_calculated):
            blocks = self._package.blocks(self._package.part_of_sheet(sheet))
            formulas = list(doubtful_formulas(blocks, is_calculated=self._is_calculated))
        return Facts(formulas, sorted(signs.merged), [])


# ----------------------------------------------------------------------------------------------------------------------

_MERGED = re.compile(rb"<" + P + rb"mergeCell\s[^<>]*?\bref\s*=\s*[\"']([^\"']+)")


def _is_calculated(package: Package) -> bool:
    """Whether the results of formulas are worth something: some programs leave all of them to who opens the file."""
    for element in package.xml(package.workbook).iter():
        if local(element.tag) == "calcPr":
            on_load, completed = attribute(element, "fullCalcOnLoad"), attribute(element, "calcCompleted")
            return on_load not in {"1", "true"} and completed not in {"0", "false"}
    return True


def _signs(blocks: Iterable[bytes]) -> Signs:
    """Each piece is searched for one short sign after another: there are hundreds of megabytes of them."""
    plain, has_formulas, has_doubtful = True, False, False
    merged: set[Area] = set()
    for number, piece in enumerate(in_whole_rows(blocks, b"row")):
        plain = plain and is_plain(piece)
        # The end of a formula. Those that refer to it have none of their own; at the beginning they are searched too.
        has_formulas = has_formulas or b"f>" in piece or (number < FEW and b"<f" in piece)
        has_doubtful = has_doubtful or (has_formulas and may_be_doubtful(piece))
        if b"mergeCell" in piece:
            merged.update(area(match.decode()) for match in _MERGED.findall(piece))
    return Signs(plain, has_formulas, has_doubtful, frozenset(merged))
