"""XLSB cells that the library misreads or hides."""

import struct
from pathlib import Path

import pytest

from schemas.columns import FIELDS
from tests.sources.workbook.binary import FALSE, NA, TRUE, Error, Formula, Sheet, Value, xlsb
from tests.sources.workbook.workbooks import PERSON, changed, frame, reason

ON_LOAD, SOME_NOT = 1, 16


def users(path: Path, *people: list[Value], calculation: int = 0) -> Path:
    """An XLSB of these people."""
    return xlsb(path, Sheet([list(FIELDS), *people]), calculation=calculation)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (True, "True"),
        (False, "False"),
        (Formula(True), "True"),
        (Formula(False), "False"),
        (Formula(0.0, TRUE), "True"),
        (Formula("", FALSE), "False"),
        (Error(NA), "#N/A"),
        (Formula(Error(NA)), "#N/A"),
        (Formula(Error(7)), "#DIV/0!"),
        (Formula(Error(99)), "#ERROR!"),
        (Formula("yes"), "yes"),
        (Formula(None), None),
        (Formula(0.0), "0"),
        (0, "0"),
        ("True", "True"),
    ],
)
def test_cells_of_every_kind(tmp_path: Path, cell: Value, shown: str | None) -> None:
    """No error is silently blank; zeros in a flag column become faults."""
    assert frame(users(tmp_path / "users.xlsb", changed(SA_Verified=cell)))["SA Verified"].to_list() == [shown]


def test_a_rich_text_is_read(tmp_path: Path) -> None:
    """It has its own record."""
    rich = struct.pack("<IIBI", 3, 0, 0, 4) + "Köln".encode("utf-16-le")
    path = xlsb(tmp_path / "users.xlsb", Sheet([list(FIELDS), changed(Mailing_City=None)], in_last_row=[(62, rich)]))
    assert frame(path)["Mailing City"].to_list() == ["Köln"]


@pytest.mark.parametrize(
    ("cell", "calculation"), [(Formula(0.0), 0), (Formula("Bonn"), ON_LOAD), (Formula(5.0), SOME_NOT)]
)
def test_an_uncalculated_formula_is_named(tmp_path: Path, cell: Value, calculation: int) -> None:
    """The workbook says so, or the result is 0 where a text is expected."""
    path = users(tmp_path / "users.xlsb", PERSON, changed(Mailing_City=cell), calculation=calculation)
    assert (reason(path).row, reason(path).found) == (3, "Users!D3")
