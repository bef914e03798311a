"""XLS cells that the library misreads or hides."""

import struct
from pathlib import Path

import pytest

from schemas.columns import FIELDS
from sources.downloads import read
from sources.workbook.xls import Xls
from tests.sources.workbook.binary import (
    BY_EXCEL,
    FALSE,
    NA,
    TRUE,
    Error,
    Formula,
    Record,
    Sheet,
    Value,
    biff,
    ole,
    xls,
)
from tests.sources.workbook.workbooks import PERSON, changed, frame, reason

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
LOCKED, NOT_CALCULATED = (0x002F, bytes(6)), (0x005E, bytes(2))


def users(
    path: Path, *people: list[Value], more: tuple[Record, ...] = (), about: tuple[Record, ...] = (BY_EXCEL,)
) -> Path:
    """An XLS of these people, as saved by Excel unless `about` says otherwise."""
    return xls(path, Sheet([list(FIELDS), *people], more=more), about=about)


def test_errors_and_times_as_libreoffice_saves_them() -> None:
    """In every column."""
    cells = frame(EXPORTS / "errors.xls").select(
        "Mailing City", "Mailing State", "Phone", "SA Verified", "Sales Badged", "PSE Certified 2021"
    )
    assert cells.rows() == [
        ("Bonn", None, "#N/A", "#DIV/0!", "True", "True"),
        ("#NAME?", None, "+49 1", "True", "#VALUE!", "True"),
        ("Bonn", "10:30:00", "+49 1", "True", "True", "03:00:00"),
        ("Bonn", "2024-05-01", "+49 1", "True", "True", "True"),
    ]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (True, "True"),
        (False, "False"),
        (Formula(True), "True"),
        (Formula(0.0, TRUE), "True"),
        (Formula(None, FALSE), "False"),
        (Formula(1.0, b"\x1d\x00"), "False"),
        (Error(NA), "#N/A"),
        (Formula(Error(NA)), "#N/A"),
        (Formula("yes"), "yes"),
        (Formula(None), None),
        (Formula(0.0), "0"),
        (0, "0"),
    ],
)
def test_cells_of_every_kind(tmp_path: Path, cell: Value, shown: str | None) -> None:
    """Zeros in a flag column become faults."""
    assert frame(users(tmp_path / "users.xls", changed(SA_Verified=cell)))["SA Verified"].to_list() == [shown]


@pytest.mark.parametrize(
    ("cell", "more", "about"),
    [
        (Formula(0.0), (), (BY_EXCEL,)),
        (Formula(None), (), ()),
        (Formula("Bonn"), (NOT_CALCULATED,), (BY_EXCEL,)),
        (Formula(5.0), (NOT_CALCULATED,), (BY_EXCEL,)),
    ],
)
def test_an_uncalculated_formula_is_named(
    tmp_path: Path, cell: Value, more: tuple[Record, ...], about: tuple[Record, ...]
) -> None:
    """Programs that don't calculate store 0 or a blank text."""
    path = users(tmp_path / "users.xls", PERSON, changed(Mailing_City=cell), more=more, about=about)
    assert (reason(path).row, reason(path).found) == (3, "Users!D3")


def test_a_password_is_named(tmp_path: Path) -> None:
    """XLS encrypts inside the container."""
    assert "password" in reason(users(tmp_path / "users.xls", PERSON, about=(LOCKED,))).what


def test_an_xls_is_read_on_a_machine_with_many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each polars thread reserves address space, which is limited."""
    monkeypatch.setenv("POLARS_MAX_THREADS", "256")
    assert read(EXPORTS / "errors.xls").frame.height == 4


def test_excel_95_sheets_are_found_by_name(tmp_path: Path) -> None:
    """Their names are not Unicode."""
    begin, end = biff((0x0809, struct.pack("<HHHH", 0x0500, 5, 0, 0))), biff((0x000A, b""))
    name = "Müller".encode("windows-1252")
    start = len(begin) + 4 + 7 + len(name) + len(end)
    listed = biff((0x0085, struct.pack("<IBBB", start, 0, 0, len(name)) + name))
    formula = struct.pack("<HHH8sHIH", 1, 2, 0, bytes(8), 0, 0, 0)
    book = begin + listed + end + begin + biff((0x0006, formula)) + end
    facts = Xls(ole(tmp_path / "users.xls", {"Book": book}).read_bytes()).facts("Müller")
    assert [(one.row, one.column, one.result) for one in facts.formulas] == [(2, 2, "zero")]
