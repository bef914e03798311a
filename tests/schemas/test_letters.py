"""What the bytes of a whole text prove about each of its cells."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.letters import LOST, MAYBE_TWICE, may_be_decoded_twice, may_have_lost
from sources.delimited.quotes import octets_of
from tests.examples import few

SIGNS = st.one_of(
    st.sampled_from("aÃÂĂĹÄÅÐРСГΓ¼©œŠˇ“€√├ƒ\ufffdａ語 \u00a0Łłąć"), st.characters(exclude_categories=["Cs"])
)


@given(st.text(SIGNS, max_size=8))
@few(200)
def test_what_bytes_rule_out_is_not_in_the_text(text: str) -> None:
    """They may suspect too much, never too little."""
    octets = octets_of(text.encode())
    assert may_have_lost(octets) == (LOST in text)
    if not may_be_decoded_twice(octets):
        assert not pl.Series([text]).str.contains(MAYBE_TWICE).any()


@pytest.mark.parametrize(
    "text", ["Jürgen Müller", "Zoë, François", "Łukasz, Łódź", "Иван Петров", "東京都", "O’Neil", ""]
)
def test_usual_letters_are_proved(text: str) -> None:
    """So few exports need a check of each cell."""
    assert not may_be_decoded_twice(octets_of(text.encode()))
