"""What a pull writes into a filter means exactly what it should, whatever a name holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.impartner.filters import equals, has_id
from sources.sandbox.grammar import BadFilterError, parse

NASTY = st.text(alphabet=st.one_of(st.sampled_from("'\\\"()%_=, \n\t\0ab"), st.characters(codec="utf-8")), max_size=30)


@given(name=NASTY, other=NASTY)
def test_a_quoted_name_finds_itself_and_nothing_else(name, other):
    """Quotes, backslashes and words of the grammar inside of a name stay inside."""
    test = parse(f"Account = 5 or {equals('Name', name)}", lambda row, field: row[field])
    assert test({"Account": 1, "Name": name})
    assert test({"Account": 1, "Name": other}) == (other.casefold() == name.casefold())


@given(value=st.text(max_size=12))
def test_only_whole_numbers_are_ids(value):
    """Whatever is not an int32 is a name."""
    found = has_id("Account", value)
    if found is not None:
        assert parse(found, lambda row, field: row[field])({"Account": int(value)})


@pytest.mark.parametrize("value", ["", "x", "-1", "2147483648", "１２", "1 or 1=1", "1.5"])
def test_what_is_no_id(value):
    """No sign, no other digits, nothing beyond int32."""
    assert has_id("Account", value) is None


@pytest.mark.parametrize("value", ["0", "7", " 1295686 ", "2147483647"])
def test_what_is_an_id(value):
    """Blanks around it do no harm."""
    assert has_id("Account", value) == f"Account = {int(value)}"


@pytest.mark.parametrize(
    "filter_", ["", "Name =", "Name = 'a", "= 5", "(Name = 'a'", "Name = 'a') ", "Name ~ 'a'", "Name in 5"]
)
def test_what_is_not_in_the_grammar_is_refused(filter_):
    """The pretend server is no more forgiving than a real one."""
    with pytest.raises(BadFilterError):
        parse(filter_, lambda row, field: row[field])
