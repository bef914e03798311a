"""What is blank, a flag, or like a formula, cell by cell."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import cells as rules

BLANKS = ("", " ", "\t\r\n", "\u00a0", "\u2003\u3000", "\x85", "\u2028", None)


@pytest.mark.parametrize("cell", BLANKS)
def test_white_space_of_any_kind_is_blank(cell: str | None) -> None:
    """As Unicode has it."""
    assert _says(rules.is_blank("c"), cell)


@pytest.mark.parametrize("cell", ["a", "\u200b", "\ufeff", " .", "\x1c", "0"])
def test_everything_else_is_not_blank(cell: str) -> None:
    """A zero-width space is no white space."""
    assert not _says(rules.is_blank("c"), cell)


@pytest.mark.parametrize("cell", ["True", "FALSE", "tRuE", " false ", "\u00a0True\t", "fal\u017fe"])
def test_a_flag_is_true_or_false_in_any_letter_case_with_blanks_around(cell: str) -> None:
    """The long s is an s without letter case."""
    assert _says(rules.is_flag("c"), cell)


@pytest.mark.parametrize("cell", ["yes", "1", "0", "X", "T", "Tru e", "True.", "\u200bTrue", "True\x00x", "not True"])
def test_nothing_else_is_a_flag(cell: str) -> None:
    """Never a silent blank."""
    assert not _says(rules.is_flag("c"), cell)


@given(st.lists(st.none() | st.text(st.sampled_from("=+-@＝＠0 9().aZ_{;\u00e9\t\n\u00a0"), max_size=4), max_size=5))
def test_the_quick_look_for_cells_to_guard_finds_what_looking_at_each_finds(cells: list[str | None]) -> None:
    """It puts away what is plainly harmless; what is there and blank is found too, for no report may have it."""
    column = pl.DataFrame({"c": cells}, schema={"c": pl.String})
    there_but_blank = rules.is_blank("c") & pl.col("c").is_not_null()
    bad = column.select((rules.is_formula_like("c") | there_but_blank).any()).item()
    assert rules.columns_to_guard(column, ["c"]) == (["c"] if bad else [])


def _says(truth: pl.Expr, cell: str | None) -> bool:
    said = pl.DataFrame({"c": [cell]}, schema={"c": pl.String}).select(truth.fill_null(value=False)).item()
    assert isinstance(said, bool)
    return said
