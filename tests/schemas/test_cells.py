"""Which cells are blank, flags, or look like a formula."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import cells as rules

BLANKS = ("", " ", "\t\r\n", "\u00a0", "\u2003\u3000", "\x85", "\u2028", None)


@pytest.mark.parametrize("cell", BLANKS)
def test_white_space_is_blank(cell: str | None) -> None:
    """Of any kind in Unicode."""
    assert _matches(rules.is_blank("c"), cell)


@pytest.mark.parametrize("cell", ["a", "\u200b", "\ufeff", " .", "\x1c", "0"])
def test_other_cells_are_not_blank(cell: str) -> None:
    """A zero-width space is not white space."""
    assert not _matches(rules.is_blank("c"), cell)


@pytest.mark.parametrize("cell", ["True", "FALSE", "tRuE", " false ", "\u00a0True\t", "fal\u017fe"])
def test_a_flag_is_true_or_false(cell: str) -> None:
    """In any letter case, trimmed; a long s folds to s."""
    assert _matches(rules.is_flag("c"), cell)


@pytest.mark.parametrize("cell", ["yes", "1", "0", "X", "T", "Tru e", "True.", "\u200bTrue", "True\x00x", "not True"])
def test_other_words_are_no_flags(cell: str) -> None:
    """They are never read as blank."""
    assert not _matches(rules.is_flag("c"), cell)


@given(st.lists(st.none() | st.text(st.sampled_from("=+-@＝＠0 9().aZ_{;\u00e9\t\n\u00a0"), max_size=4), max_size=5))
def test_the_fast_check_for_guarding_agrees_with_the_rules(cells: list[str | None]) -> None:
    """It also reports cells of white space, as no report may have them."""
    column = pl.DataFrame({"c": cells}, schema={"c": pl.String})
    there_but_blank = rules.is_blank("c") & pl.col("c").is_not_null()
    bad = column.select((rules.is_formula_like("c") | there_but_blank).any()).item()
    assert rules.columns_to_guard(column, ["c"]) == (["c"] if bad else [])


def _matches(truth: pl.Expr, cell: str | None) -> bool:
    result = pl.DataFrame({"c": [cell]}, schema={"c": pl.String}).select(truth.fill_null(value=False)).item()
    assert isinstance(result, bool)
    return result
