"""Searching the XML of an XLSX for rows and cells, as bytes."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple

from sources.workbook.facts import cell_place
from sources.workbook.xml_rows import P, in_whole_rows


def tag(name: bytes) -> tuple[bytes, bytes]:
    """Patterns for the beginning and the end of an element, with any prefix."""
    return rb"<" + P + name + rb"\b", rb"</" + P + name + rb"\s*>"


(_ROW, _ROW_END), (C, C_END), (F, F_END), (V, V_END) = map(tag, (b"row", b"c", b"f", b"v"))
FORMULA = rb"%b[^<>]*(?:/>|>[^<]*%b)\s*" % (F, F_END)
VALUE = re.compile(rb"%b[^<>]*?(?:/>|>([^<]*)%b)" % (V, V_END))
_ROWS = re.compile(rb"%b([^<>]*?)(?:/>|>(.*?)%b)" % (_ROW, _ROW_END), re.DOTALL)
_CELLS = re.compile(rb"%b([^<>]*?)(?:/>|>(.*?)%b)" % (C, C_END), re.DOTALL)
_ATTRIBUTE = re.compile(rb"(?:^|\s)(\w+)\s*=\s*[\"']([^\"']*)[\"']")


class XmlCell(NamedTuple):
    """A cell: its row from 1, its column from 0, its attributes, and the XML inside."""

    row: int
    column: int
    attributes: dict[str, str]
    inside: bytes


def rows_with(pattern: re.Pattern[bytes], blocks: Iterable[bytes]) -> Iterator[list[XmlCell]]:
    """The cells of each row that matches. A row without a number follows the one before."""
    row = 0
    for piece in in_whole_rows(blocks, b"row"):
        for match in _ROWS.finditer(piece):
            row = int(attributes_of(match[1]).get("r") or row + 1)
            if pattern.search(match[0]):
                yield list(_cells(row, match[2] or b""))


def text_of(xml: bytes | None) -> str:
    """XML without elements as text."""
    return unescape((xml or b"").decode(errors="replace"))


def attributes_of(tag: bytes) -> dict[str, str]:
    """The attributes without a prefix."""
    return {name.decode(): text_of(value) for name, value in _ATTRIBUTE.findall(tag)}


def prefix_of(tag: bytes) -> bytes:
    """The namespace prefix of a tag, including its colon; b"" without one."""
    prefix, colon, _ = tag.split(maxsplit=1)[0].lstrip(b"<").rpartition(b":")
    return prefix + colon


def value_of(inside: bytes) -> str:
    """The stored value of a cell, trimmed; "" if there is none."""
    value = VALUE.search(inside)
    return text_of(value[1]).strip() if value else ""


# ----------------------------------------------------------------------------------------------------------------------


def _cells(row: int, xml: bytes) -> Iterator[XmlCell]:
    column = -1
    for tag, inside in _CELLS.findall(xml):
        attributes = attributes_of(tag)
        column = cell_place(attributes["r"])[1] if "r" in attributes else column + 1
        yield XmlCell(row, column, attributes, inside)
