"""Workbooks for the tests: saved by openpyxl, altered in their XML, or written by hand as an ODS."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.downloads import read

PERSON = ["Ann Lee", "ann@x.example", "Road 1", "Bonn", None, "Germany", "+49 1", *[True] * 8]


def saved(path: Path, *rows: list[object], title: str = "Users") -> Path:
    """A workbook of one sheet; the first cell of `rows` is A1."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def refusal(path: Path) -> ExportRefused:
    """The refusal of a file; each one names the file and has a remedy."""
    with pytest.raises(ExportRefused) as caught:
        read(path)
    assert path.name in str(caught.value)
    assert all(fault.rule and fault.remedy for fault in caught.value.faults)
    return caught.value


def changed(**cells: object) -> list[object]:
    """The person with other cells; names have _ for blanks."""
    return [cells.get(field.replace(" ", "_"), cell) for field, cell in zip(FIELDS, PERSON, strict=True)]


def altered(path: Path, *changes: tuple[str, str]) -> Path:
    """The workbook with something else in its XML, each of it found once at least."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes:
        assert any(old.encode() in data or old in name for name, data in parts.items())
        parts = {name.replace(old, new): data.replace(old.encode(), new.encode()) for name, data in parts.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def ods(path: Path, *rows: str) -> Path:
    """An ODS of one sheet: the headings, then rows of cells as they stand in its XML."""
    names = "".join(f"xmlns:{name}='{uri}' " for name, uri in _NAMES.items())
    headings = "".join(text_cell(field) for field in FIELDS)
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in (headings, *rows))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr(
            "content.xml",
            f"<?xml version='1.0' encoding='UTF-8'?><office:document-content {names}office:version='1.2'><office:body>"
            f"<office:spreadsheet><table:table table:name='Users'>{body}</table:table></office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return path


def text_cell(text: str) -> str:
    """A cell of an ODS with a text."""
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = {
    "office": f"{_OASIS}:office:1.0",
    "table": f"{_OASIS}:table:1.0",
    "text": f"{_OASIS}:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
_MANIFEST = (
    f"<manifest:manifest xmlns:manifest='{_OASIS}:manifest:1.0'><manifest:file-entry manifest:full-path='/' "
    "manifest:media-type='application/vnd.oasis.opendocument.spreadsheet'/></manifest:manifest>"
)
