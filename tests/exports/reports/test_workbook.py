"""The workbook of a report: cell for cell the CSV, according to openpyxl and LibreOffice."""

import csv
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.reports import workbook_template
from exports.reports.rows import cells, encode
from exports.reports.workbook import LONGEST, TEMPLATE, workbook
from schemas.columns import HEADINGS
from schemas.errors import NotAllowed

GOLDEN = sorted((Path(__file__).parents[2] / "fixtures" / "golden").glob("*/*.csv"))
AWKWARD = (
    "'=1+1", "+4930123456", "01067", "1E5", "2020-01-01", "True", "#N/A", " both ends ", "tab\there", "a\nb",
    "<b>&amp;", '"quoted"', "日本語 𝒳", "_x0041_", "_x", "=", "\ufeffmark", "\x0bcontrol\x01",
)  # fmt: skip
# openpyxl reads texts as they are; it does not decode Excel's _x0000_ escapes
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), max_size=8).filter(
    lambda text: "_x" not in text and not {"\ufffe", "\uffff"} & set(text)
)


def report(*rows: Sequence[str]) -> bytes:
    """A report of three columns."""
    return encode([HEADINGS[:3], *rows], "intl")


def sheet(data: bytes) -> Any:
    """The only sheet, by openpyxl."""
    (only,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    return only


def values(data: bytes) -> list[list[str]]:
    """The cells by openpyxl; blank ones are ""."""
    return [[cell or "" for cell in row] for row in sheet(data).iter_rows(values_only=True)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_cell_is_the_csv_s_text(path: Path) -> None:
    """With the guard; never a number, date or formula."""
    data = path.read_bytes()
    sheet_ = sheet(workbook(data))
    assert values(workbook(data)) == cells(data)
    assert {cell.data_type for row in sheet_.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert {cell.number_format for row in sheet_.iter_rows() for cell in row if cell.value is not None} == {"@"}


@given(st.lists(st.tuples(PLAIN, PLAIN, PLAIN), max_size=5))
def test_any_text_is_kept(rows: list[tuple[str, str, str]]) -> None:
    """With line breaks, outer blanks and markup."""
    kept = values(workbook(report(*rows)))[1:]
    assert kept + [["", "", ""]] * (len(rows) - len(kept)) == [list(row) for row in rows]


def test_the_layout_is_made_for_reading() -> None:
    """A bold frozen header on every printed page, a filter, fitting widths, a title, a language."""
    sheet_ = sheet(workbook(report(("Ada", "ada@contoso.example", "x" * 500), ("Bo", "b@c.example", ""))))
    assert sheet_.title == "Certifications"
    assert sheet_["A1"].font.b
    assert not sheet_["A2"].font.b
    assert sheet_.freeze_panes == "A2"
    assert sheet_.print_title_rows == "$1:$1"
    (table,) = sheet_.tables.values()
    assert (table.ref, table.autoFilter.ref) == ("A1:C3", "A1:C3")
    assert [column.name for column in table.tableColumns] == list(HEADINGS[:3])
    assert [sheet_.column_dimensions[letter].width for letter in "ABC"] == [12, 21, 44]
    assert not sheet_.merged_cells.ranges
    properties = sheet_.parent.properties
    assert (properties.title, properties.language) == ("Certification report", "en")


def test_no_machine_person_or_time_is_named() -> None:
    """Neither in the properties nor in the archive."""
    data = workbook(report(("Ada", "ada@contoso.example", "")))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        assert {part.date_time for part in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(part.create_system, part.extra) for part in file.infolist()} == {(0, b"")}
        properties_xml = file.read("docProps/core.xml") + file.read("docProps/app.xml")
    for word in (b"creator", b"lastModifiedBy", b"created", b"modified", b"openpyxl", b"Company", b"root"):
        assert word not in properties_xml


def test_equal_reports_have_equal_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """At any time, in any time zone."""
    data = GOLDEN[0].read_bytes()
    first = workbook(data)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert workbook(data) == first


def test_the_template_is_up_to_date() -> None:
    """It is what its script makes."""
    assert workbook_template.make() == TEMPLATE.read_bytes()


def test_an_empty_report_still_has_a_table() -> None:
    """With one blank row, or Excel would repair the file."""
    sheet_ = sheet(workbook(report()))
    assert sheet_.tables["Certifications"].ref == "A1:C2"


def test_a_cell_too_long_for_a_workbook_is_refused() -> None:
    """Excel would cut it."""
    assert values(workbook(report(("x" * LONGEST, "", ""))))[1][0] == "x" * LONGEST
    for cell in ("x" * (LONGEST + 1), "𝒳" * (LONGEST // 2 + 1)):
        with pytest.raises(NotAllowed, match=r"Mailing Street in row 3 .* longer than the 32,767 .* Send the CSV"):
            workbook(report(("", "", ""), ("", "", cell)))


def test_libreoffice_reads_every_cell_as_text(tmp_path: Path) -> None:
    """Numbers, dates and formulas too; saved as CSV again, the guard is there."""
    office = shutil.which("soffice")
    if office is None:
        assert not os.environ.get("CI"), "CI must have LibreOffice"
        pytest.skip("LibreOffice is not installed")
    rows = [[cell, cell, cell] for cell in AWKWARD]
    (tmp_path / "report.xlsx").write_bytes(workbook(report(*rows)))
    as_utf8_text = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    words = ("--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to", as_utf8_text)
    subprocess.run([office, *words, "--outdir", tmp_path, tmp_path / "report.xlsx"], check=True, capture_output=True)
    text = (tmp_path / "report.csv").read_bytes().decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [list(HEADINGS[:3]), *rows]
