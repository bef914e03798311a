"""A copy of an XLSX with Excel's names of parts and spelling, the only ones that fastexcel understands.

It contains what cells need: the list of sheets, the sheets, shared texts and styles.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from html import escape

from sources.workbook.errors import error_text
from sources.workbook.package import Package, attribute, local
from sources.workbook.refusals import Refused, odd_boolean
from sources.workbook.xlsx_xml import C_END, FORMULA, VALUE, C, V, attributes_of, prefix_of, value_of
from sources.workbook.xml_rows import in_whole_rows


def is_plain(piece: bytes) -> bool:
    """Whether fastexcel reads every boolean, error and text in a piece of a sheet."""
    has_odd_boolean = (_NO_USUAL_BIT.search(piece) or b"'b'" in piece) and _NO_BIT.search(piece)
    has_odd_error = b't="e"' in piece and any(
        _is_odd_error(kind, inside) for _, kind, _, inside in _MARKED.findall(piece)
    )
    return not (has_odd_boolean or has_odd_error or b"<![CDATA[" in piece)


def plain_copy(package: Package, *, is_calculated: bool) -> bytes:
    """The copy. Raises Refused for a boolean that is neither true nor false."""
    sheets = [(f"worksheets/sheet{number}.xml", sheet) for number, sheet in enumerate(package.sheets, start=1)]
    others = [(f"{kind}.xml", kind, part) for kind in _OTHERS if (part := package.part_of_type(f"/{kind}"))]
    relations = [("worksheet", target) for target, _ in sheets] + [(kind, target) for target, kind, _ in others]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        archive.writestr("xl/workbook.xml", _workbook(package, is_calculated=is_calculated))
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
        for target, sheet in sheets:
            _write(archive, target, _plain_pieces(sheet.name, package.blocks(sheet.part)))
        for target, _, part in others:
            _write(archive, target, [_without_cdata(package.read(part))])
    return file.getvalue()


# ----------------------------------------------------------------------------------------------------------------------

_OTHERS = ("sharedStrings", "styles")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)

_BITS = {"true": "1", "false": "0", "1": "1", "0": "0"}
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}  # those that fastexcel knows

_NO_USUAL_BIT = re.compile(rb'"b"(?!><v>[01]</v>)')  # much faster than _NO_BIT
_KIND = rb"(%b[^<>]*\st\s*=\s*[\"'])(%b)([\"'][^<>]*?)"
_NO_BIT = re.compile((_KIND % (C, b"b")) + rb">\s*(?:%b)?%b[^<>/]*>(?![01]?</).{1,99}?</" % (FORMULA, V), re.DOTALL)
_MARKED = re.compile((_KIND % (C, b"[be]")) + rb"(?:/>|>(.*?)%b)" % C_END, re.DOTALL)
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_DIMENSION = re.compile(rb"<(?:[\w.-]+:)?dimension\b[^<>]*/>")  # may be wrong, and fastexcel relies on it


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    """Relations by type and target; the ids are rId1, rId2 and so on."""
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _workbook(package: Package, *, is_calculated: bool) -> str:
    """The list of sheets, and the settings that cells depend on."""
    properties = [element for element in package.xml(package.workbook).iter() if local(element.tag) == "workbookPr"]
    is_1904 = any(attribute(element, "date1904") in {"1", "true"} for element in properties)
    listed = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{number}" state="{escape(sheet.state)}" r:id="rId{number}"/>'
        for number, sheet in enumerate(package.sheets, start=1)
    )
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{is_1904:d}"/><sheets>{listed}</sheets>'
        f'<calcPr fullCalcOnLoad="{not is_calculated:d}"/></workbook>'
    )


def _is_odd_error(kind: bytes, inside: bytes) -> bool:
    return kind == b"e" and value_of(inside) not in _ERRORS


def _write(archive: zipfile.ZipFile, target: str, pieces: Iterable[bytes]) -> None:
    with archive.open(f"xl/{target}", "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)


def _plain_pieces(sheet: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    for piece in in_whole_rows(blocks, b"row"):
        plain = _DIMENSION.sub(b"", _without_cdata(piece))
        yield plain if is_plain(plain) else _MARKED.sub(partial(_plain_cell, sheet), plain)


def _without_cdata(xml: bytes) -> bytes:
    return _CDATA.sub(lambda text: escape(text[1].decode()).encode(), xml)


def _plain_cell(sheet: str, cell: re.Match[bytes]) -> bytes:
    """The cell with a boolean as 1 or 0, and an error that fastexcel does not know as text."""
    start, kind, about, inside = cell.groups(default=b"")
    value = value_of(inside)
    if kind == b"e":
        return cell[0] if value in _ERRORS else _cell(start, b"str", about, inside, escape(error_text(value)))
    if not value:
        return cell[0]
    bit = _BITS.get(value.casefold())
    if bit is None:
        raise Refused(odd_boolean(sheet, attributes_of(start + kind + about).get("r", "?"), value))
    return _cell(start, kind, about, inside, bit)


def _cell(start: bytes, kind: bytes, about: bytes, inside: bytes, value: str) -> bytes:
    """A cell with another kind and value, and the same formula."""
    prefix, formula = prefix_of(start), VALUE.sub(b"", inside)
    return b"%b%b%b>%b<%bv>%b</%bv></%bc>" % (start, kind, about, formula, prefix, value.encode(), prefix, prefix)
