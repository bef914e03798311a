"""What the library leaves out of an ODS: errors, formulas without a result, merged cells, signs in texts.

Its XML is searched piece by piece; only rows that have one of a few signs are parsed (`ods_cells.py`). What the
library would read as something else is written anew before it does (`ods_plain.py`).
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree as ET

from sources.workbook.facts import Facts
from sources.workbook.ods_cells import add_facts
from sources.workbook.ods_plain import CONTENT, is_plain, plain_copy
from sources.workbook.package import BLOCK
from sources.workbook.refusals import Refused, damaged, unclear
from sources.workbook.xml_rows import in_whole_rows

ROW = b"table:table-row"


class Ods:
    """An ODS, searched."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self.is_plain, self._has_signs = True, False
        for piece in in_whole_rows(self._blocks(), ROW):
            self._has_signs = self._has_signs or _has_sign(piece)
            if not is_plain(piece):
                self.is_plain = False
                break  # its copy is searched as a whole

    def plain(self) -> bytes:
        """A copy without blanks between elements, its booleans spelt as LibreOffice does."""
        return plain_copy(self._archive, in_whole_rows(self._blocks(), ROW))

    def facts(self, sheet: str) -> Facts:
        """The facts of a sheet that is plain."""
        facts = Facts([], [], [])
        if self._has_signs:
            for number, times, row in self._rows_with_signs(sheet):
                add_facts(facts, row, range(number, number + times))
        return facts

    def _blocks(self) -> Iterator[bytes]:
        try:
            with self._archive.open(CONTENT) as file:
                while block := file.read(BLOCK):
                    yield block
        except KeyError:
            raise Refused(damaged("a part of the workbook is missing")) from None

    def _rows_with_signs(self, sheet: str) -> Iterator[tuple[int, int, ET.Element]]:
        """Each row of a sheet that has a sign: its number, how many rows it is repeated for, and its XML."""
        prolog, number, is_inside = b"", 1, False
        for piece in in_whole_rows(self._blocks(), ROW):
            prolog = prolog or _prolog(piece)
            for token in _TOKENS.finditer(piece):
                if token["table"]:
                    name = _NAME.search(token["table"])
                    number, is_inside = 1, name is not None and unescape(name[1].decode()) == sheet
                elif is_inside:
                    repeated = _REPEATED.search(token["row"])
                    times = int(repeated[1]) if repeated else 1
                    if _has_sign(token[0]):
                        yield number, times, _parsed(prolog, token[0])
                    number += times


# ----------------------------------------------------------------------------------------------------------------------

_SIGNS = [  # each is searched for alone: a pattern that begins with letters is found many times sooner
    re.compile(sign)
    for sign in (
        rb"<text:(?:tab|line-break|ruby)\b",  # in a text, where the library leaves it out or reads too much
        rb"<draw:",
        rb"calcext:value-type=[\"']error",
        rb"office:string-value=(?:\"\"|'')",  # as errors have it
        rb"office:boolean-value=[\"'](?!(?:true|false)[\"'])",
        # no value, or no type and yet not blank
        rb"office:value-type=[\"'](?:void|(?:float|percentage|currency|date|time|boolean)[\"'](?!\soffice:))",
        rb"<table:(?:covered-)?table-cell\b(?![^<>]*\soffice:value-type=)(?:[^<>]*[^/<>])?>(?!</)",
        rb"table:number-rows-spanned=[\"'](?!1[\"'])",
        rb"table:formula=[\"'](?!(?:\w+:)?=(?:TRUE|FALSE)\(\)[\"'])",
    )
]
_TOKENS = re.compile(
    rb"(?P<table><table:table(?=[\s>])[^<>]*>)|(?P<row><table:table-row\b[^<>]*?(?:/>|>.*?</table:table-row>))",
    re.DOTALL,
)
_NAME = re.compile(rb"\stable:name=[\"']([^\"']*)")
_REPEATED = re.compile(rb"<table:table-row\b[^<>]*\stable:number-rows-repeated=[\"'](\d+)")
_ROOT = re.compile(rb".*?<office:document-content\b[^<>]*>", re.DOTALL)
_END = b"</office:document-content>"


def _has_sign(xml: bytes) -> bool:
    return any(sign.search(xml) for sign in _SIGNS)


def _prolog(xml: bytes) -> bytes:
    """The part before the content, with its namespaces."""
    root = _ROOT.match(xml)
    if root is None:
        raise Refused(unclear("its XML is written in a way that no spreadsheet program is known to write"))
    return root[0]


def _parsed(prolog: bytes, row: bytes) -> ET.Element:
    if row.count(b"<table:table-row") > 1:
        raise Refused(unclear("it has tables inside cells"))
    try:
        return ET.fromstring(prolog + row + _END)[0]  # noqa: S314  this process has limits of its own
    except ET.ParseError:
        raise Refused(damaged("a row can't be read")) from None
