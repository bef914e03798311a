"""Case folding and trimming of columns."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.fold import casefold, trimmed


def folded(text: str | None) -> str | None:
    """One text through `casefold`, next to others."""
    found: list[str | None] = pl.DataFrame({"t": [text, "Plain", None]}).select(casefold(pl.col("t")))["t"].to_list()
    assert found[1:] == ["plain", None]
    return found[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("Straße", "STRAẞE"),
        ("\u212aelvin", "kelvin"),
        ("Me\u017f\u017fe", "MESSE"),
        ("Οδυσσεύς", "ΟΔΥΣΣΕΎΣ"),
        ("ﬁsh", "FISH"),
        ("Ärzte", "äRZTE"),
        ("ПАРТНЁР", "партнёр"),
        ("ǅ", "ǆ"),
        ("ŉ", "ʼN"),
    ],
)
def test_texts_that_differ_only_in_case_are_equal(one: str, other: str) -> None:
    """By Unicode's full case folding."""
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("I", "ı"), ("İ", "i"), ("é", "e"), ("Ａ", "A"), ("ä", "ae"), ("日", "曰")])
def test_other_letters_differ(one: str, other: str) -> None:
    """Turkish dotless i is its own letter, and accents count."""
    assert folded(one) != folded(other)


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)), max_size=9))
def test_columns_fold_as_python_does(texts: list[str | None]) -> None:
    """Nulls included."""
    found = pl.DataFrame({"t": pl.Series(texts, dtype=pl.String)}).select(casefold(pl.col("t")))["t"].to_list()
    assert found == [None if text is None else text.casefold() for text in texts]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        (" a ", "a"),
        ("\u00a0\u3000a b\x85\u2028", "a b"),
        ("\t\r\n", None),
        ("", None),
        (None, None),
        ("\u200b", "\u200b"),
        ("a", "a"),
    ],
)
def test_only_white_space_is_trimmed(text: str | None, bare: str | None) -> None:
    """Null if nothing is left; inner white space stays."""
    assert pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(trimmed(pl.col("t"))).item() == bare
