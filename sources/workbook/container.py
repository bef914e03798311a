"""What a ZIP or OLE file is: a workbook in one of four formats, a locked one, or another program's document."""

import io
import re
import zipfile
from collections.abc import Sequence

from sources.workbook.magic import OLE
from sources.workbook.ole import CompoundFile
from sources.workbook.package import plain_name
from sources.workbook.refusals import Refused, archive_of_files, damaged, locked, something_else, too_large

UNPACKED = 4 << 30  # bytes; a million people unpack to 1 GiB
PACKED_TO = 100  # times smaller than unpacked means a bomb; workbooks are about ten times smaller
BOMBLESS = 100 << 20  # bytes that may be packed as tightly as possible


def kind_of(data: bytes) -> str:
    """The format: "xlsx", "xlsb", "xls" or "ods". Raises Refused for anything else."""
    return _kind_of_ole(CompoundFile(data).names) if data.startswith(OLE) else _kind_of_zip(data)


# ----------------------------------------------------------------------------------------------------------------------

_WORD, _POWERPOINT, _VISIO = "a Word document", "a PowerPoint presentation", "a Visio drawing"
_BY_STREAM = {
    "WordDocument": _WORD,
    "PowerPoint Document": _POWERPOINT,
    "VisioDocument": _VISIO,
    "__properties_version1.0": "an Outlook message",
}
_MAIN_TYPE = re.compile(
    rb"(spreadsheetml|ms-excel|wordprocessingml|ms-word|presentationml|ms-powerpoint|visio)[\w.+-]*main"
)
_BY_MAIN_TYPE = {
    b"wordprocessingml": _WORD,
    b"ms-word": _WORD,
    b"presentationml": _POWERPOINT,
    b"ms-powerpoint": _POWERPOINT,
    b"visio": _VISIO,
}
_BY_MIMETYPE = {
    "application/vnd.oasis.opendocument.text": "a text document (ODT)",
    "application/vnd.oasis.opendocument.presentation": "a presentation (ODP)",
    "application/vnd.oasis.opendocument.graphics": "a drawing (ODG)",
    "application/epub+zip": "a book (EPUB)",
}
_BY_MEMBER = {  # by the beginning of a member's name; the first match counts
    "index/slide": "a Keynote presentation",
    "index/document.iwa": "a Numbers document (or one of Pages)",
    "index.zip": "a Numbers document (or one of Pages)",
    "word/": _WORD,
    "ppt/": _POWERPOINT,
}


def _kind_of_ole(names: Sequence[str]) -> str:
    if "EncryptedPackage" in names:
        raise Refused(locked())
    if "Workbook" in names or "Book" in names:
        return "xls"
    kinds = [kind for name, kind in _BY_STREAM.items() if name in names]
    raise Refused(something_else(kinds[0] if kinds else "a document of another program"))


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist())
            members = {plain_name(member.filename): member for member in archive.infolist()}
            kind = _kind_of_office(archive, members) or _kind_of_odf(archive, members)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise Refused(damaged("it begins like a workbook but is truncated or damaged")) from None
    if kind is None:
        others = [kind for start, kind in _BY_MEMBER.items() if any(name.startswith(start) for name in members)]
        raise Refused(something_else(others[0]) if others else archive_of_files())
    return kind


def _check_members(members: Sequence[zipfile.ZipInfo]) -> None:
    """Raises Refused if a member is locked, or all unpack to too much."""
    if any(member.flag_bits & 1 for member in members):
        raise Refused(locked())
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > UNPACKED or unpacked > max(BOMBLESS, packed * PACKED_TO):
        raise Refused(too_large())


def _kind_of_office(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> str | None:
    """XLSX or XLSB, according to its list of types or the names of its parts; else None."""
    types = archive.read(members["[content_types].xml"]) if "[content_types].xml" in members else b""
    main = _MAIN_TYPE.search(types)
    if main and main[1] in _BY_MAIN_TYPE:
        raise Refused(something_else(_BY_MAIN_TYPE[main[1]]))
    if (main and b"binary" in main[0]) or "xl/workbook.bin" in members:
        return "xlsb"
    return "xlsx" if main or "xl/workbook.xml" in members else None


def _kind_of_odf(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> str | None:
    mimetype = archive.read(members["mimetype"])[:100].decode(errors="replace").strip() if "mimetype" in members else ""
    for start, kind in _BY_MIMETYPE.items():
        if mimetype.startswith(start):
            raise Refused(something_else(kind))
    manifest = archive.read(members["meta-inf/manifest.xml"]) if "meta-inf/manifest.xml" in members else b""
    if b":encryption-data" in manifest or "encrypted-package" in members:
        raise Refused(locked())
    return "ods" if "content.xml" in members else None
