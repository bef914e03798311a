"""A copy of an ODS with booleans spelled as in LibreOffice, and without blanks between elements.

fastexcel takes every other spelling of a boolean for false, and can't read indented XML.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from html import escape

CONTENT = "content.xml"


def is_plain(piece: bytes) -> bool:
    """Whether fastexcel reads every boolean and element in a piece of the content."""
    is_indented = any(blank in piece for blank in _BLANKS) and _INDENTED.search(piece)
    is_odd = is_indented or _ODD_BOOLEAN.search(piece) or _ODD_CONSTANT.search(piece)
    return not is_odd and b"<![CDATA[" not in piece


def plain_copy(archive: zipfile.ZipFile, content: Iterable[bytes]) -> bytes:
    """The copy. content: in pieces of whole rows. A boolean that is neither true nor false stays."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        copy.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        for name in {"META-INF/manifest.xml"}.intersection(archive.namelist()):
            copy.writestr(name, archive.read(name))
        with copy.open(CONTENT, "w", force_zip64=True) as xml:
            for piece in content:
                xml.write(_plain(piece))
    return file.getvalue()


# ----------------------------------------------------------------------------------------------------------------------

_BITS = {b"true": b"true", b"false": b"false", b"1": b"true", b"0": b"false"}
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_BLANKS = (b"> ", b">\n", b">\r", b">\t")  # found faster than a pattern
_INDENTED = re.compile(rb"(</?(?:table|office):[^<>]*>|</text:p>)\s+(?=<)")
_BOOLEAN = re.compile(rb"(\soffice:boolean-value=[\"'])([^\"']*)")
_ODD_BOOLEAN = re.compile(rb"office:boolean-value=[\"'](?!(?:true|false)[\"'])")
_CONSTANT = rb"table:formula=[\"'](?:\w+:)?=\s*((?i:true|false))\s*(?:\(\s*\))?\s*[\"']"
_ODD_CONSTANT = re.compile(  # in LibreOffice's, the type follows the formula
    _CONSTANT + rb"(?!\soffice:value-type=\"boolean\"\soffice:boolean-value=\"(?:true|false)\")"
)
_CONSTANT_CELL = re.compile(rb"(<table:table-cell\b)([^<>]*?\s" + _CONSTANT + rb"[^<>]*?)(/?>)")
_OF_VALUE = re.compile(rb"\s(?:office:(?:[\w-]+-)?value|office:value-type|calcext:value-type)=(?:\"[^\"]*\"|'[^']*')")


def _plain(piece: bytes) -> bytes:
    piece = _CDATA.sub(lambda text: escape(text[1].decode()).encode(), piece)
    piece = _CONSTANT_CELL.sub(_constant, _INDENTED.sub(rb"\1", piece))
    return _BOOLEAN.sub(_boolean, piece) if _ODD_BOOLEAN.search(piece) else piece


def _constant(cell: re.Match[bytes]) -> bytes:
    """A cell with the formula TRUE() or FALSE() as a boolean, whatever result was stored."""
    word = cell[3].lower()
    about = _OF_VALUE.sub(b"", cell[2])
    return b'%b%b office:value-type="boolean" office:boolean-value="%b"%b' % (cell[1], about, word, cell[4])


def _boolean(value: re.Match[bytes]) -> bytes:
    return value[1] + _BITS.get(value[2].strip().lower(), value[2])
