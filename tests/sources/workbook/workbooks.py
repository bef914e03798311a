"""Workbooks for the tests: saved by openpyxl, edited in their XML, or a hand-written ODS."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.downloads import read
from sources.workbook.parse import parse
from sources.workbook.refusals import Refusal, Refused

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
    """Assert that a file is refused by name with a remedy; return the refusal."""
    with pytest.raises(ExportRefused) as caught:
        read(path)
    assert path.name in str(caught.value)
    assert all(fault.rule and fault.remedy for fault in caught.value.faults)
    return caught.value


def frame(path: Path) -> pl.DataFrame:
    """The rows of a workbook, read in this process."""
    write_rows, stream = parse(path.read_bytes()).write_rows, io.BytesIO()
    assert write_rows is not None
    write_rows(stream)
    return pl.read_ipc_stream(stream.getvalue())


def reason(path: Path) -> Refusal:
    """Assert that a workbook is refused with a remedy, in this process; return the reason."""
    with pytest.raises(Refused) as caught:
        parse(path.read_bytes())
    assert caught.value.refusal.rule
    assert caught.value.refusal.remedy
    return caught.value.refusal


def changed(**cells: object) -> list[object]:
    """PERSON with some cells changed; underscores in names stand for spaces."""
    return [cells.get(field.replace(" ", "_"), cell) for field, cell in zip(FIELDS, PERSON, strict=True)]


def altered(path: Path, *changes: tuple[str, str]) -> Path:
    """The workbook with replacements in its XML, each of which must occur."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes:
        assert any(old.encode() in data or old in name for name, data in parts.items())
        parts = {name.replace(old, new): data.replace(old.encode(), new.encode()) for name, data in parts.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def with_cell(path: Path, cell: str) -> Path:
    """A workbook of two people, with this XML as the first one's SA Verified (K2)."""
    saved(path, list(FIELDS), PERSON, PERSON)
    with zipfile.ZipFile(path) as archive:
        (cell_xml,) = _CELL.findall(archive.read("xl/worksheets/sheet1.xml"))
    return altered(path, (cell_xml.decode(), cell))


def verified(path: Path) -> str | None:
    """SA Verified of the first of two people."""
    first, second = frame(path)["SA Verified"]
    assert str(second).casefold() == "true"
    return str(first) if first is not None else None


def calculated(path: Path) -> Path:
    """The workbook as if saved by a program that calculates, which openpyxl does not."""
    return altered(path, (' fullCalcOnLoad="1"', ""))


def ods(path: Path, *rows: str) -> Path:
    """An ODS of one sheet: the headings, then rows of cells as XML."""
    return ods_of(path, {"Users": (True, ["".join(map(text_cell, FIELDS)), *rows])})


def ods_of(path: Path, sheets: Mapping[str, tuple[bool, Sequence[str]]]) -> Path:
    """An ODS of sheets: whether each is visible, and its rows of cells as XML."""
    names = "".join(f"xmlns:{name}='{uri}' " for name, uri in _NAMES.items())
    tables = "".join(
        f"<table:table table:name='{name}' table:style-name='{'shown' if is_visible else 'hidden'}'>"
        f"{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows)}</table:table>"
        for name, (is_visible, rows) in sheets.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr(
            "content.xml",
            f"<?xml version='1.0' encoding='UTF-8'?><office:document-content {names}office:version='1.2'>{_STYLES}"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_row(values: Sequence[object], more: Mapping[int, str] | None = None) -> str:
    """A row of an ODS: texts, booleans and blanks; `more`: attributes by column."""
    attributes = more or {}
    cells = (text_cell(value) if isinstance(value, str) else _ods_cell(value) for value in values)
    return "".join(
        cell.replace("<table:table-cell", f"<table:table-cell {attributes[at]}") if at in attributes else cell
        for at, cell in enumerate(cells)
    )


def text_cell(text: str) -> str:
    """A text cell of an ODS."""
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'


_CELL = re.compile(rb'<c r="K2"[^>]*?(?:/>|>.*?</c>)')
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = {
    "office": f"{_OASIS}:office:1.0",
    "table": f"{_OASIS}:table:1.0",
    "text": f"{_OASIS}:text:1.0",
    "style": f"{_OASIS}:style:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
_STYLES = "<office:automatic-styles>{}{}</office:automatic-styles>".format(
    *(
        f"<style:style style:name='{name}' style:family='table'>"
        f"<style:table-properties table:display='{display}'/></style:style>"
        for name, display in (("shown", "true"), ("hidden", "false"))
    )
)
_MANIFEST = (
    f"<manifest:manifest xmlns:manifest='{_OASIS}:manifest:1.0'><manifest:file-entry manifest:full-path='/' "
    "manifest:media-type='application/vnd.oasis.opendocument.spreadsheet'/></manifest:manifest>"
)
