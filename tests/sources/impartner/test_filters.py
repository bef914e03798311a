"""Filters that a pull builds mean exactly what they should, whatever the name contains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.impartner.filters import equals, has_id
from sources.sandbox.grammar import BadFilterError, parse

NASTY = st.text(alphabet=st.one_of(st.sampled_from("'\\\"()%_=, \n\t\0ab"), st.characters(codec="utf-8")), max_size=30)


@given(name=NASTY, other=NASTY)
def test_a_quoted_name_matches_only_itself(name, other):
    """Quotes, backslashes and keywords in a name stay inside the string."""
    test = parse(f"Account = 5 or {equals('Name', name)}", lambda row, field: row[field])
    assert test({"Account": 1, "Name": name})
    assert test({"Account": 1, "Name": other}) == (other.casefold() == name.casefold())


@given(value=st.text(max_size=12))
def test_only_int32_numbers_are_ids(value):
    """Anything else is a name."""
    filter_ = has_id("Account", value)
    if filter_ is not None:
        assert parse(filter_, lambda row, field: row[field])({"Account": int(value)})


@pytest.mark.parametrize("value", ["", "x", "-1", "2147483648", "１２", "1 or 1=1", "1.5"])
def test_invalid_ids(value):
    """No sign, no other digits, nothing beyond int32."""
    assert has_id("Account", value) is None


@pytest.mark.parametrize("value", ["0", "7", " 1295686 ", "2147483647"])
def test_valid_ids(value):
    """Surrounding blanks are ignored."""
    assert has_id("Account", value) == f"Account = {int(value)}"


@pytest.mark.parametrize(
    "filter_", ["", "Name =", "Name = 'a", "= 5", "(Name = 'a'", "Name = 'a') ", "Name ~ 'a'", "Name in 5"]
)
def test_invalid_filters_are_refused(filter_):
    """The sandbox is as strict as the real server."""
    with pytest.raises(BadFilterError):
        parse(filter_, lambda row, field: row[field])
