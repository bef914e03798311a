"""Mutated workbooks, and workbook bombs: refused in time, or read correctly."""

import io
import resource
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.downloads import read
from tests.examples import IS_LONG, few
from tests.fuzz.mutations import mutated
from tests.sources.workbook.binary import Sheet, xls, xlsb
from tests.sources.workbook.workbooks import PERSON, changed, ods, ods_row, saved

SECONDS, MEMORY = 60, 2 << 30  # of a refusal, whatever the file; seconds of a processor
REPEATED = 1_000_000 if IS_LONG else 250_000
ROWS = [PERSON, changed(Full_Name="Bo"), changed(Full_Name="東京")]


def as_xlsx(path: Path) -> Path:
    """Three people, saved by openpyxl."""
    return saved(path, list(FIELDS), *ROWS)


def as_ods(path: Path) -> Path:
    """The same, hand-written."""
    return ods(path, *map(ods_row, ROWS))


def as_xls(path: Path) -> Path:
    """The same, in Excel 97's records."""
    return xls(path, Sheet([list(FIELDS), *ROWS]))


def as_xlsb(path: Path) -> Path:
    """The same, in Excel's binary parts."""
    return xlsb(path, Sheet([list(FIELDS), *ROWS]))


@pytest.mark.parametrize("made", [as_xlsx, as_ods, as_xls, as_xlsb])
@few(3)
@given(data=st.data())
def test_a_mutated_workbook_is_refused_or_has_its_rows(
    tmp_path: Path, made: Callable[[Path], Path], data: st.DataObject
) -> None:
    """Mutated in one part of the package, or anywhere in the file."""
    content = seed(made)
    path = tmp_path / "users.x"
    path.write_bytes(content)
    if zipfile.is_zipfile(path) and data.draw(st.integers(0, 4)):
        names = zipfile.ZipFile(path).namelist()
        name = data.draw(st.sampled_from(names))
        content = repacked(content, name, data.draw(mutated(zipfile.ZipFile(path).read(name))))
    else:
        content = data.draw(mutated(content))
    path.write_bytes(content)
    try:
        export = read(path)
    except ExportRefused:
        return
    assert 1 <= export.frame.height <= len(ROWS) + 4


@cache  # openpyxl writes the time, but Hypothesis needs the same bytes each time
def seed(made: Callable[[Path], Path]) -> bytes:
    """The original workbook."""
    with tempfile.TemporaryDirectory() as folder:
        return made(Path(folder) / "users.x").read_bytes()


def repacked(content: bytes, name: str, part: bytes) -> bytes:
    """The package with one part replaced."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, part if entry == name else old.read(entry))
    return packed.getvalue()


def zip_bomb(path: Path) -> Path:
    """A sheet of 3 GB of blanks in 3 MB."""
    as_xlsx(path)
    rows = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    content = path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            with new.open(entry, "w", force_zip64=True) as file:
                file.write(rows[:-20] if entry.endswith("sheet1.xml") else old.read(entry))
                for _ in range(300 if entry.endswith("sheet1.xml") else 0):
                    file.write(b" " * 10_000_000)
    path.write_bytes(packed.getvalue())
    return path


def entities(path: Path) -> Path:
    """A billion laughs in the sheet."""
    as_xlsx(path)
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    sheet = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]>' + sheet.partition("?>")[2]
    path.write_bytes(repacked(path.read_bytes(), "xl/worksheets/sheet1.xml", sheet.replace("Bo", "&l9;").encode()))
    return path


def wide(path: Path) -> Path:
    """The maximum number of columns."""
    return saved(path, [*FIELDS, *(f"C{n}" for n in range(16_384 - len(FIELDS)))], *[[*PERSON, *["x"] * 16_369]] * 2)


def long_blank(path: Path) -> Path:
    """A person, a million blank rows, and another person."""
    as_xlsx(path)
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    blank = "".join(f'<row r="{n}"/>' for n in range(5, 1_000_005))
    path.write_bytes(
        repacked(
            path.read_bytes(),
            "xl/worksheets/sheet1.xml",
            sheet.replace("</sheetData>", blank + "</sheetData>").encode(),
        )
    )
    return path


def repeated(path: Path) -> Path:
    """An ODS with one person repeated a million times, or fewer if time is short."""
    content = zipfile.ZipFile(ods(path, ods_row(PERSON))).read("content.xml").decode()
    before, row, after = content.rpartition("<table:table-row>")
    many = f'{before}{row[:-1]} table:number-rows-repeated="{REPEATED}">{after}'
    path.write_bytes(repacked(path.read_bytes(), "content.xml", many.encode()))
    return path


def huge_cell(path: Path) -> Path:
    """A cell of 10 MB, which no spreadsheet program writes."""
    as_xlsx(path)
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode().replace("Bo", "B" * 10_000_000)
    path.write_bytes(repacked(path.read_bytes(), "xl/worksheets/sheet1.xml", sheet.encode()))
    return path


# Building the others takes half a minute
BOMBS = [entities, repeated, *([zip_bomb, wide, long_blank, huge_cell] if IS_LONG else [])]


@pytest.mark.parametrize("made", BOMBS)
def test_a_bomb_takes_little_time_and_memory(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    """It is read or refused by a child process, whose time and memory are measured."""
    path = made(tmp_path / "users.xlsx")
    assert path.stat().st_size < 5 << 20
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        export = read(path)
    except ExportRefused:
        export = None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime < SECONDS
    assert used.ru_maxrss << 10 < MEMORY
    if export is not None:
        assert export.frame["Full Name"][0] == "Ann Lee"
        assert export.frame.height in (len(ROWS), 2, REPEATED)
