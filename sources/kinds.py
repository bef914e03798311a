"""Files that are neither a workbook nor CSV: their kind by the first bytes, and what to do about it.

Other documents in a workbook's container (ZIP, OLE) are recognised in `workbook/`.
"""

import codecs
import re
from typing import NamedTuple

from sources.refusal import refused

HEAD = 1 << 16  # bytes to examine; what makes a page a login page comes late


class Kind(NamedTuple):
    """A kind of file, in words that follow "it is", and what to do about it."""

    what: str
    remedy: str


def refuse_other_kinds(head: bytes, name: str) -> None:
    """Raises ExportRefused if a file that begins like this is not an export."""
    kind = _by_bytes(head) or _by_text(_text(head).lstrip())
    if kind:
        raise refused(name, f"it is {kind.what}", "The export is a CSV file or a workbook", kind.remedy)


# ----------------------------------------------------------------------------------------------------------------------

_EXPORT = "Export the users in Impartner as CSV or XLSX and use that file unchanged"
_UNPACK = "Unpack it and use the export inside"
_SIGN_IN = "Sign in to Impartner and download the export again"
_DATABASE = Kind("a database", _EXPORT)
_IMAGE = Kind("an image", _EXPORT)
_PDF, _RTF = Kind("a PDF", _EXPORT), Kind("a text document (RTF)", _EXPORT)
_WORD, _XML = Kind("a Word document (XML)", _EXPORT), Kind("an XML file", _EXPORT)
_JSON = Kind("JSON", f"{_EXPORT}, or give no file, to pull from Impartner")
_LOGIN = Kind("a web page that asks to sign in", _SIGN_IN)
_WEB_PAGE = Kind("a web page", _SIGN_IN)
_TABLE = Kind("a web page with a table, whatever its name says", _EXPORT)
_MAIL = Kind("an e-mail", "Save the export attached to it and use that file")
_LINK = Kind("a link to something else", "Open it and use the export itself")
_OLD_WORKBOOK = Kind("a workbook of Excel 4 or older", _EXPORT)
_ENCRYPTED = Kind("encrypted", "Decrypt it and use the export inside")

_BEGINNINGS = {
    b"\x1f\x8b": Kind("packed with gzip", _UNPACK),
    b"\xfd7zXZ\0": Kind("packed with xz", _UNPACK),
    b"\x28\xb5\x2f\xfd": Kind("packed with zstd", _UNPACK),
    b"\x04\x22\x4d\x18": Kind("packed with lz4", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": Kind("a RAR archive", _UNPACK),
    b"MSCF\0": Kind("a CAB archive", _UNPACK),
    b"%PDF-": _PDF,
    b"\x89PNG\r\n": _IMAGE,
    b"\xff\xd8\xff": _IMAGE,
    b"GIF87a": _IMAGE,
    b"GIF89a": _IMAGE,
    b"II*\0": _IMAGE,
    b"MM\0*": _IMAGE,
    b"SQLite format 3\0": _DATABASE,
    b"\0\1\0\0Standard ": _DATABASE,
    b"PAR1\x15": Kind("a Parquet file", _EXPORT),
    b"ARROW1": Kind("an Arrow file", _EXPORT),
    b"\x09\0\4\0": _OLD_WORKBOOK,
    b"\x09\2\6\0": _OLD_WORKBOOK,
    b"\x09\4\6\0": _OLD_WORKBOOK,
    b"\0\5\x16\7": Kind("what a Mac notes about a file", "Use the file of that name without the ._ before it"),
    b"L\0\0\0\1\x14\2\0": _LINK,
    b"bplist00": _LINK,
    b"Salted__": _ENCRYPTED,
}
_WITHIN = {  # by offset and bytes
    (4, b"1AY&SY"): Kind("packed with bzip2", _UNPACK),
    (257, b"ustar\0"): Kind("a tar archive", _UNPACK),
    (257, b"ustar  \0"): Kind("a tar archive", _UNPACK),
    (8, b"WEBP"): _IMAGE,
    (4, b"ftyp"): Kind("an image or a video", _EXPORT),
}
_HTML = (
    r"(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
    r"<(?:!DOCTYPE html|html|head|title|meta|link|style|script|body|center|form|div|table|font|h1|p|br)\b"
)
_MARKUP = ("<", "{", "[", "%", "-")
_TEXTS = (  # the first match counts; compiled only if needed, because that takes longer than reading a small file
    (r"%PDF-", _PDF),
    (r"\{\\rtf", _RTF),
    (r'\{\s*(?:"|\})|\[\s*(?:[\[{"\]]|-?\d+\s*[,\]])', _JSON),
    (r"\[InternetShortcut\]", _LINK),
    (r"-----BEGIN (?:PGP|PKCS7)", _ENCRYPTED),
    (rf"(?={_HTML}).*(?:type=.?password|SAMLRequest|<title>[^<]*(?:sign|log)[ -]?[io]n\b)", _LOGIN),
    (rf"(?={_HTML}).*<table\b", _TABLE),
    (_HTML, _WEB_PAGE),
    (r"<.*urn:schemas-microsoft-com:office:spreadsheet", Kind("an XML spreadsheet of Excel 2003", _EXPORT)),
    (r"<.*application/vnd\.oasis\.opendocument\.spreadsheet", Kind("a flat ODS spreadsheet (XML)", _EXPORT)),
    (r"<.*schemas\.microsoft\.com/office/(?:word/2003/wordml|2006/xmlPackage)", _WORD),
    (r"<\?xml.*<!DOCTYPE plist", _LINK),
    (r"(?:<\?xml.*?>\s*)?(?:<!--.*?-->\s*)*<(?:!DOCTYPE )?svg\b", _IMAGE),
    (r"<\?xml\b|<[a-z][^<>]*\sxmlns\b", _XML),
    (r"(?:[a-z][a-z-]*: [^\n]*\n\s?)*?MIME-Version: .*multipart/related", _WEB_PAGE),
    (r"(?:From|To|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|Subject|Date): .*\n[a-z-]+: ", _MAIL),
)


def _by_bytes(head: bytes) -> Kind | None:
    kinds = [kind for beginning, kind in _BEGINNINGS.items() if head.startswith(beginning)]
    kinds += [kind for (at, magic), kind in _WITHIN.items() if head.startswith(magic, at)]
    return kinds[0] if kinds else None


def _by_text(text: str) -> Kind | None:
    if not text.startswith(_MARKUP) and ": " not in text.partition("\n")[0]:
        return None
    return next((kind for pattern, kind in _TEXTS if re.match(pattern, text, re.IGNORECASE | re.DOTALL)), None)


def _text(head: bytes) -> str:
    """The beginning as text; only its ASCII characters are sure to be right."""
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
