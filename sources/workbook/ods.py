"""What fastexcel leaves out of an ODS: errors, formulas without a result, merged cells, special characters in texts.

Its XML is searched in pieces, and only rows that match one of a few patterns (odd rows) are parsed (`ods_cells.py`).
What fastexcel would get wrong is rewritten first (`ods_plain.py`).
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
    """An ODS, examined."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self.is_plain, self._has_odd_rows = True, False
        for piece in in_whole_rows(self._blocks(), ROW):
            self._has_odd_rows = self._has_odd_rows or _is_odd(piece)
            if not is_plain(piece):
                self.is_plain = False
                break  # its plain copy will be examined instead

    def plain(self) -> bytes:
        """A copy without blanks between elements, its booleans spelled as in LibreOffice."""
        return plain_copy(self._archive, in_whole_rows(self._blocks(), ROW))

    def facts(self, sheet: str) -> Facts:
        """The facts of a plain sheet."""
        facts = Facts([], [], [])
        if self._has_odd_rows:
            for number, times, row in self._odd_rows(sheet):
                add_facts(facts, row, range(number, number + times))
        return facts

    def _blocks(self) -> Iterator[bytes]:
        try:
            with self._archive.open(CONTENT) as file:
                while block := file.read(BLOCK):
                    yield block
        except KeyError:
            raise Refused(damaged("a part of the workbook is missing")) from None

    def _odd_rows(self, sheet: str) -> Iterator[tuple[int, int, ET.Element]]:
        """The odd rows of a sheet: number, how many times it is repeated, and XML."""
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
                    if _is_odd(token[0]):
                        yield number, times, _parsed(prolog, token[0])
                    number += times


# ----------------------------------------------------------------------------------------------------------------------

_ODD = [  # separate patterns, because one that begins with letters is found many times faster
    re.compile(pattern)
    for pattern in (
        rb"<text:(?:tab|line-break|ruby)\b",  # in a text, where fastexcel leaves it out or reads too much
        rb"<draw:",
        rb"calcext:value-type=[\"']error",
        rb"office:string-value=(?:\"\"|'')",  # of errors
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


def _is_odd(xml: bytes) -> bool:
    return any(pattern.search(xml) for pattern in _ODD)


def _prolog(xml: bytes) -> bytes:
    """The start of the document, with its namespaces. Raises Refused."""
    root = _ROOT.match(xml)
    if root is None:
        raise Refused(unclear("its XML looks like that of no known spreadsheet program"))
    return root[0]


def _parsed(prolog: bytes, row: bytes) -> ET.Element:
    if row.count(b"<table:table-row") > 1:
        raise Refused(unclear("it has tables inside cells"))
    try:
        return ET.fromstring(prolog + row + _END)[0]  # noqa: S314  this process has limits of its own
    except ET.ParseError:
        raise Refused(damaged("a row can't be read")) from None
