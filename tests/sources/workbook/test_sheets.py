"""Which sheet is read: the one visible sheet that has the headings, in every format."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from schemas.columns import FIELDS
from sources.downloads import read
from tests.sources.workbook.binary import HIDDEN, VERY_HIDDEN, VISIBLE, Sheet, Value, xls, xlsb
from tests.sources.workbook.workbooks import PERSON, changed, frame, ods_of, ods_row, reason, refusal

STATES = {VISIBLE: "visible", HIDDEN: "hidden", VERY_HIDDEN: "veryHidden"}
OTHER = [["Account", "Course"], ["Contoso", "Sales"]]


def _xlsx(path: Path, *sheets: Sheet) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        added = book.create_sheet(sheet.name)
        added.sheet_state = STATES[sheet.state]
        for row in sheet.rows:
            added.append(row)
    book.save(path)
    return path


def _ods(path: Path, *sheets: Sheet) -> Path:
    return ods_of(path, {sheet.name: (sheet.state == VISIBLE, [*map(ods_row, sheet.rows)]) for sheet in sheets})


@pytest.fixture(params=[_xlsx, xls, xlsb, _ods], ids=["xlsx", "xls", "xlsb", "ods"])
def workbook(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Make a workbook of these sheets, in every format."""
    return lambda *sheets: request.param(tmp_path / "users.bin", *sheets)


def _users(name: str, person: str, state: int = VISIBLE) -> Sheet:
    people: list[list[Value]] = [list(FIELDS), changed(Full_Name=person)]
    return Sheet(people, name, state)


@pytest.mark.parametrize("state", [HIDDEN, VERY_HIDDEN])
def test_the_visible_sheet_is_read(workbook: Callable[..., Path], state: int) -> None:
    """Not the hidden old one, in any position."""
    old, new = _users("Old", "Old Lee", state), _users("New", "New Lee")
    for sheets in ([old, new], [new, old], [Sheet(OTHER, "Courses"), old, new, Sheet([], "Blank")]):
        assert frame(workbook(*sheets))["Full Name"].to_list() == ["New Lee"]


def test_headings_on_several_visible_sheets_are_refused(workbook: Callable[..., Path]) -> None:
    """All of them are named, as people may be on each."""
    two = workbook(Sheet(OTHER, "Courses"), _users("A-M", "Ann"), _users("N-Z", "Zoe"), _users("Old", "Bob", HIDDEN))
    assert "'A-M' and 'N-Z' both have the headings" in reason(two).what
    assert "'A-M' and 'N-Z'" in str(refusal(two).faults[0].found)
    three = workbook(_users("A", "Ann"), _users("B", "Bob"), _users("C", "Cleo"))
    assert "'A', 'B' and 'C' all have the headings" in reason(three).what


@pytest.mark.parametrize("state", [HIDDEN, VERY_HIDDEN])
def test_headings_on_a_hidden_sheet_only_are_refused(workbook: Callable[..., Path], state: int) -> None:
    """The sheet is named."""
    what = reason(workbook(Sheet(OTHER, "Courses"), _users("Old", "Ann", state))).what
    assert "'Old'" in what
    assert "hidden" in what


def test_the_sheets_are_named(tmp_path: Path) -> None:
    """In the refusal, in the notice, and in the source."""
    path = _xlsx(tmp_path / "users.xlsx", _users("A-M", "Ann"), _users("N-Z", "Zoe"))
    assert "'A-M' and 'N-Z'" in str(refusal(path))
    path = _xlsx(tmp_path / "users.xlsx", _users("Old", "Ann", HIDDEN), _users("Users", "Zoe"))
    assert "'Users' was read, the only visible one with the headings" in read(path).notices[0]
    assert read(path).source["sheet"] == "Users"


def test_a_sheet_with_some_headings_does_not_hide_the_right_one(workbook: Callable[..., Path]) -> None:
    """Even if it comes first."""
    path = workbook(Sheet([list(FIELDS[:-1]), PERSON[:-1]], "Most"), _users("All", "Ann"))
    assert frame(path)["Full Name"].to_list() == ["Ann"]


def test_missing_headings_are_those_of_a_visible_sheet(tmp_path: Path) -> None:
    """Even if a hidden sheet lacks fewer."""
    most, some = Sheet([list(FIELDS[:-1])], "Most", HIDDEN), Sheet([list(FIELDS[:-2])], "Some")
    assert [fault.column for fault in refusal(_xlsx(tmp_path / "users.xlsx", most, some)).faults] == [*FIELDS[-2:]]


def test_a_workbook_without_cells_is_empty(workbook: Callable[..., Path]) -> None:
    """It is not reported as missing columns."""
    assert reason(workbook(Sheet([], "Blank"))).what == "its sheets are empty"
