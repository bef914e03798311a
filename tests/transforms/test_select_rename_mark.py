"""The three transforms of the procedure: select, rename, mark."""

import polars as pl
import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS, HEADINGS, ROW
from transforms.mark import mark
from transforms.rename import rename
from transforms.select import select

FLAG_HEADINGS = (*HEADINGS[7:9], *HEADINGS[10:])


def exported(*headings: str) -> pl.DataFrame:
    """An export of one row; each cell is its column's index."""
    cells = {heading: [str(place)] for place, heading in enumerate(headings)}
    return pl.DataFrame({ROW: pl.Series([2], dtype=pl.UInt32), **cells})


def marked(heading: str, cells: list[str | None]) -> list[str | None]:
    """One column's cells after `mark`."""
    blank = pl.Series([None] * len(cells), dtype=pl.String)
    frame = pl.DataFrame(dict.fromkeys(HEADINGS, blank) | {heading: pl.Series(cells, dtype=pl.String)})
    return mark(frame)[heading].to_list()


def test_select_takes_the_fifteen_fields_in_report_order() -> None:
    """In any order and spelling, after the row's account."""
    headings = [f"User: {field.upper()}" for field in reversed(FIELDS)]
    frame = select(exported("Account: Id", *headings, "Account - Name"))
    assert frame.columns == [ROW, ACCOUNT_ID, ACCOUNT_NAME, *FIELDS]
    assert frame.row(0) == (2, "0", "16", *(str(place) for place in range(15, 0, -1)))


def test_select_drops_other_columns() -> None:
    """Such as a nickname."""
    assert "Nickname" not in select(exported("Nickname", *FIELDS, "Account Name", "Notes")).columns


@pytest.mark.parametrize("missing", [ACCOUNT_ID, ACCOUNT_NAME])
def test_a_missing_account_column_is_null(missing: str) -> None:
    """One of the two is enough."""
    other = ACCOUNT_NAME if missing == ACCOUNT_ID else ACCOUNT_ID
    frame = select(exported(*FIELDS, other))
    assert frame[missing].to_list() == [None]
    assert frame.schema[missing] == pl.String
    assert frame[other].to_list() == ["15"]


def test_rename_changes_only_three_headings() -> None:
    """Order and cells stay."""
    frame = select(exported(*FIELDS, ACCOUNT_NAME))
    renamed = rename(frame)
    assert renamed.columns == [ROW, ACCOUNT_ID, ACCOUNT_NAME, *HEADINGS]
    assert renamed.rows() == frame.rows()


@pytest.mark.parametrize("heading", FLAG_HEADINGS)
def test_flags_become_x_or_blank(heading: str) -> None:
    """In any letter case, trimmed."""
    cells = ["True", "true", "TRUE", " tRUE\u00a0", "False", "FALSE", "\tfalse", "", "  ", "\u3000", None]
    assert marked(heading, cells) == ["X"] * 4 + [None] * 7


@pytest.mark.parametrize("heading", FLAG_HEADINGS)
def test_booleans_are_marked_like_words(heading: str) -> None:
    """A source may have either."""
    words = pl.DataFrame({name: ["True", "False", None] for name in HEADINGS}, dict.fromkeys(HEADINGS, pl.String))
    bits = words.with_columns(pl.Series(heading, [True, False, None]))
    assert mark(bits).equals(mark(words))
    assert mark(bits)[heading].to_list() == ["X", None, None]


def test_column_ten_keeps_other_text() -> None:
    """Some tenants have role names there."""
    cells = ["True", "False", " true ", "", None, "Member Administrator", " True enough", "X", "=1"]
    assert marked("Administrative Privileges", cells) == [
        *("X", None, "X", None, None),
        *("Member Administrator", " True enough", "X", "=1"),
    ]


@pytest.mark.parametrize("heading", HEADINGS[:7])
def test_text_columns_are_no_flags(heading: str) -> None:
    """A city may be called "True"."""
    cells = ["True", "False", " true ", "", None]
    assert marked(heading, cells) == cells


def test_an_invalid_flag_is_a_bug_not_a_blank() -> None:
    """Such rows are held earlier; the message doesn't have the cell."""
    for odd in ("yes", "1", "x", "True."):
        with pytest.raises(AssertionError, match="Sales Core Training has a cell that is not a flag"):
            marked("Sales Core Training", ["True", odd])


def test_mark_without_rows() -> None:
    """All accounts may be held."""
    assert marked("Sales Core Training", []) == []
