"""Reading workbooks: each cell as a spreadsheet shows it, the right sheet, and damaged files refused in time."""

import datetime as dt
import hashlib
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources import workbook
from sources.downloads import read
from tests.examples import few
from tests.exporting import as_text
from tests.sources.workbook.binary import Sheet, xls, xlsb
from tests.sources.workbook.workbooks import PERSON, altered, calculated, changed, frame, refusal, saved

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"


def test_the_first_sheet_with_the_headings_is_read() -> None:
    """A notice names skipped sheets and title rows; hidden rows are read."""
    export = read(EXPORTS / "workbook.xlsx")
    assert export.frame["row"].to_list() == [4, 5, 6]
    assert export.frame.drop("row").equals(as_text(read(EXPORTS / "utf-8.csv").frame).drop("row"))
    assert export.notices == (
        "The workbook has 2 sheets; 'Users' was read, the only visible one with the headings",
        "The headings are in row 3; the rows above were skipped",
    )


def test_a_workbook_is_recognized_by_content(tmp_path: Path) -> None:
    """The file name does not matter."""
    path = saved(tmp_path / "users.csv", list(FIELDS), PERSON)
    assert read(path).frame.height == 1
    assert read(path).notices == ()
    assert read(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("01067", "01067"),
        (1067, "1067"),
        (12.0, "12"),
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        (49301234567, "49301234567"),
        (1e20, "100000000000000000000"),
        (99999999.99, "99999999.99"),
        (3.14159265358979, "3.14159265358979"),
        (1e-7, "0.0000001"),
        (1.5e-12, "0.0000000000015"),
        ("3.10", "3.10"),
        ("007.5", "007.5"),
        ("0.0000001234567", "0.0000001234567"),
        ("1e5", "1e5"),
        ("-0", "-0"),
        (True, "True"),
        (False, "False"),
        ("true", "true"),
        ("False", "False"),
        (dt.datetime(2024, 5, 1), "2024-05-01"),
        (dt.datetime(2024, 5, 1, 13, 30, 15), "2024-05-01T13:30:15"),
        (dt.date(2020, 2, 29), "2020-02-29"),
        (dt.time(10, 5), "10:05:00"),
        ("2024-05-01 00:00:00", "2024-05-01 00:00:00"),
        ("a\nb", "a\nb"),
        (" x ", " x "),
        ("#N/A", "#N/A"),
        ("#DIV/0!", "#DIV/0!"),
        ("ä" * 32_767, "ä" * 32_767),
        (None, None),
    ],
)
def test_a_cell_is_text_as_displayed(tmp_path: Path, cell: object, shown: str | None) -> None:
    """Numbers, booleans, dates, errors and texts, whatever the cells around them."""
    phones = (cell, "text", 7, 0, "0")
    rows = [changed(Phone=phone, Administrative_Privileges=cell) for phone in phones]
    cells = frame(saved(tmp_path / "users.xlsx", list(FIELDS), *rows))
    assert cells["Phone"].to_list() == [shown, "text", "7", "0", "0"]
    assert str(cells["Administrative Privileges"][0]).casefold() == str(shown).casefold()


def test_a_number_of_more_than_15_digits_is_no_account_id(tmp_path: Path) -> None:
    """It has an exponent, as in a spreadsheet; a text keeps all its digits."""
    cells = [1234567890123456789, 10**15, 999_999_999_999_999, 1295686.0, 1295686.5, "1234567890123456789"]
    shown = ["1E+15", "999999999999999", "1295686", "1295686.5", "1234567890123456789"]
    rows = [["Account ID", *FIELDS], *([cell, *PERSON] for cell in cells)]
    for path in (
        saved(tmp_path / "users.xlsx", *rows),
        xls(tmp_path / "users.xls", Sheet(rows)),
        xlsb(tmp_path / "users.xlsb", Sheet(rows)),
    ):
        first, *others = frame(path)["Account ID"]
        assert first.startswith("1.23456789012345")
        assert first.endswith("E+18")
        assert others == shown


def test_flags_of_many_kinds_in_one_column(tmp_path: Path) -> None:
    """A boolean is True or False; 1, 0, yes and errors stay, and become faults later."""
    cells = [True, False, 1, 0, "yes", "TRUE", "#N/A", None, dt.datetime(2024, 5, 1)]
    path = saved(tmp_path / "users.xlsx", list(FIELDS), *(changed(SA_Verified=cell) for cell in cells))
    shown = ["True", "False", "1", "0", "yes", "TRUE", "#N/A", None, "2024-05-01"]
    assert frame(path)["SA Verified"].to_list() == shown


def test_dates_and_booleans_are_typed_per_column(tmp_path: Path) -> None:
    """Also if the sheet's columns are in another order than the table's."""
    day, moment = dt.datetime(2024, 5, 1), dt.datetime(2024, 5, 6, 7, 8, 9)
    rows = [
        changed(Mailing_City=day, Full_Name=True, SA_Verified=moment, Phone="true"),
        changed(Mailing_City="2024-05-01 00:00:00", Full_Name="true", SA_Verified=day, Phone=False),
        changed(Full_Name=moment),
    ]
    backwards = [list(reversed(row)) for row in (FIELDS, *rows)]
    for sheet in ([list(FIELDS), *rows], backwards):
        cells = frame(saved(tmp_path / "users.xlsx", *sheet))
        assert cells["Mailing City"].to_list() == ["2024-05-01", "2024-05-01 00:00:00", "Bonn"]
        assert cells["Full Name"].to_list() == ["True", "true", "2024-05-06T07:08:09"]
        assert cells["SA Verified"].to_list()[:2] == ["2024-05-06T07:08:09", "2024-05-01"]
        assert cells["Phone"].to_list()[:2] == ["true", "False"]


def test_a_formula_is_read_as_its_result(tmp_path: Path) -> None:
    """A blank result too, next to a constant."""
    rows = [changed(Phone="=1+1", Mailing_City='=""', SA_Verified="=TRUE()")]
    path = altered(
        calculated(saved(tmp_path / "users.xlsx", list(FIELDS), *rows)),
        ("<f>1+1</f><v />", "<f>1+1</f><v>2</v>"),
        ('<c r="D2"><f>""</f><v />', '<c r="D2" t="str"><f>""</f><v></v>'),
    )
    assert frame(path).select("Phone", "Mailing City", "SA Verified").row(0) == ("2", None, "True")


def test_blank_rows_and_columns_around_the_data(tmp_path: Path) -> None:
    """Rows keep their numbers, and errors their place."""
    blank = [None, None]
    rows = [[], [*blank, "Title"], [], [*blank, *FIELDS], [*blank, *PERSON], [], [*blank, " "]]
    last = [*blank, *changed(Mailing_State="#REF!", Mailing_City=True)]
    cells = frame(saved(tmp_path / "users.xlsx", *rows, last))
    assert cells["row"].to_list() == [5, 8]
    assert cells["Mailing State"].to_list() == [None, "#REF!"]
    assert cells["Mailing City"].to_list() == ["Bonn", "True"]


def test_missing_columns_are_those_of_the_nearest_sheet(tmp_path: Path) -> None:
    """All of them at once."""
    path = saved(tmp_path / "users.xlsx", [*FIELDS[:-2], "Email"], PERSON)
    assert [fault.column for fault in refusal(path).faults] == [*FIELDS[-2:], "Email"]


def test_workbooks_without_rows_are_refused(tmp_path: Path) -> None:
    """Headings only, and nothing at all."""
    assert "no rows" in str(refusal(saved(tmp_path / "headings.xlsx", list(FIELDS), [" "])))
    assert "its sheets are empty" in str(refusal(saved(tmp_path / "empty.xlsx")))


@pytest.mark.parametrize("name", ["truncated.xlsx", "no-zip.xlsx", "malformed.xls", "endless.xls"])
def test_damaged_workbooks_are_refused(name: str) -> None:
    """With what to do."""
    assert "Download the export again" in str(refusal(EXPORTS / name))


def test_a_truncated_sheet_is_refused(tmp_path: Path) -> None:
    """Even if the ZIP is intact."""
    whole = saved(tmp_path / "whole.xlsx", list(FIELDS), PERSON, PERSON)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "users.xlsx", "w") as new:
        for member in old.namelist():
            content = old.read(member)
            new.writestr(member, content[:-300] if "sheet1" in member else content)
    refusal(tmp_path / "users.xlsx")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """By the sizes in its directory, before it is unpacked."""
    path = tmp_path / "users.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (200 << 20))
    assert "unpacks" in str(refusal(path))


def test_a_reader_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When its time is up."""
    hanging = tmp_path / "python"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(hanging))
    with (
        (EXPORTS / "workbook.xlsx").open("rb", buffering=0) as file,
        pytest.raises(ExportRefused, match="within 0\\.1 seconds"),
    ):
        workbook.read(file, "workbook.xlsx", seconds=0.1)


def test_a_reader_that_crashes_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash of the library ends only its process."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with (
        (EXPORTS / "workbook.xlsx").open("rb", buffering=0) as file,
        pytest.raises(ExportRefused, match="too much memory"),
    ):
        workbook.read(file, "workbook.xlsx")


def test_a_huge_file_with_a_workbook_s_signature_is_refused(tmp_path: Path) -> None:
    """By its size."""
    path = tmp_path / "users.xls"
    with path.open("wb") as sparse:
        sparse.write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        sparse.truncate(5 << 30)
    assert "far more" in str(refusal(path))
    assert path.stat().st_blocks < 1000


@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.booleans(),
                st.none(),
                st.integers(-(10**14), 10**14),
                st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn", "Cc"]), min_size=1, max_size=9),
            )
        ),
        min_size=1,
        max_size=8,
    )
)
@few(8)
def test_mixed_columns_keep_every_cell(tmp_path_factory, rows) -> None:
    """Texts, booleans and whole numbers in any order."""
    path = tmp_path_factory.getbasetemp() / "property.xlsx"
    cells = [cell if not isinstance(cell, str) else f"t{cell}" for (cell,) in rows]
    phones = frame(saved(path, list(FIELDS), *(changed(Phone=cell) for cell in cells)))["Phone"]
    assert phones.to_list() == [None if cell is None else str(cell) for cell in cells]
