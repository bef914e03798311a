"""What fastexcel leaves out of an XLSX: formulas without a result, merged cells, and booleans and errors that are not
spelled as in Excel.

Each sheet is searched in pieces for a few short patterns, which takes a tenth of the time that fastexcel takes to parse
it. Only a sheet with a match is examined further: `xlsx_formulas.py` lists doubtful formulas, `xlsx_plain.py` makes a
copy with Excel's spelling.
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


class Traits(NamedTuple):
    """What was found in one sheet."""

    is_plain: bool
    has_formulas: bool
    has_doubtful: bool  # formulas whose results can't be trusted even if the workbook was calculated
    merged: frozenset[Area]


class Xlsx:
    """An XLSX or XLSM, examined. Raises Refused if that is impossible."""

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        self._is_calculated = _is_calculated(self._package)
        self._traits = {sheet.name: _traits(self._package.blocks(sheet.part)) for sheet in self._package.sheets}
        self.is_plain = all(traits.is_plain for traits in self._traits.values())

    def plain(self) -> bytes:
        """A copy with Excel's names of parts and spelling."""
        return plain_copy(self._package, is_calculated=self._is_calculated)

    def facts(self, sheet: str) -> Facts:
        """The facts of a plain sheet."""
        traits = self._traits[sheet]
        formulas: list[Formula] = []
        if traits.has_doubtful or (traits.has_formulas and not self._is_calculated):
            blocks = self._package.blocks(self._package.part_of_sheet(sheet))
            formulas = list(doubtful_formulas(blocks, is_calculated=self._is_calculated))
        return Facts(formulas, sorted(traits.merged), [])


# ----------------------------------------------------------------------------------------------------------------------

_MERGED = re.compile(rb"<" + P + rb"mergeCell\s[^<>]*?\bref\s*=\s*[\"']([^\"']+)")


def _is_calculated(package: Package) -> bool:
    """Whether the stored results of formulas are valid. Some programs leave calculating to whoever opens the file."""
    for element in package.xml(package.workbook).iter():
        if local(element.tag) == "calcPr":
            on_load, completed = attribute(element, "fullCalcOnLoad"), attribute(element, "calcCompleted")
            return on_load not in {"1", "true"} and completed not in {"0", "false"}
    return True


def _traits(blocks: Iterable[bytes]) -> Traits:
    """Searches each piece for one short pattern after another, because there may be hundreds of megabytes."""
    plain, has_formulas, has_doubtful = True, False, False
    merged: set[Area] = set()
    for number, piece in enumerate(in_whole_rows(blocks, b"row")):
        plain = plain and is_plain(piece)
        # `f>` ends a formula. Cells that share another's formula have none, so the first pieces are searched for `<f`
        has_formulas = has_formulas or b"f>" in piece or (number < FEW and b"<f" in piece)
        has_doubtful = has_doubtful or (has_formulas and may_be_doubtful(piece))
        if b"mergeCell" in piece:
            merged.update(area(match.decode()) for match in _MERGED.findall(piece))
    return Traits(plain, has_formulas, has_doubtful, frozenset(merged))
