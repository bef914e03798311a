"""JSON values become the text cells that a file would have; unknown shapes are refused."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import Unreachable
from sources.impartner.cells import KEY, text, texts, users_of
from sources.impartner.fields import Fields
from sources.impartner.responses import _number, _parsed

FIELDS = Fields({"SA Verified": "SA_Verified__cf"})
CONTOSO = {"accountid": 5, "accountname": "Contoso"}
ANA = {"id": 7, "sa_verified__cf": True, **CONTOSO}


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, None), (True, "True"), (False, "False"), ("", ""), (" a ", " a "), (7, "7"), (-2, "-2"), ([], None),
     (["a", "b"], "a; b"), (["a", None, True], "a; True"), (["", "a", ""], "a"), ([""], None),
     ([" ", "a", "\u00a0"], "a"), ({"id": 5, "name": "Contoso"}, "Contoso")],
)  # fmt: skip
def test_a_value_becomes_a_cell(value, cell):
    """As the contract specifies."""
    assert text(value, "Phone") == cell


_FLAGS, _TEXTS, _NUMBERS = st.booleans(), st.text(max_size=3), st.integers(0, 1)
_VALUES = st.one_of(_FLAGS, _TEXTS, _NUMBERS, st.lists(_TEXTS, max_size=2))


@given(st.one_of(st.lists(st.none() | kind, max_size=5) for kind in (_FLAGS, _TEXTS, _NUMBERS, _VALUES)))
def test_a_column_s_cells_equal_its_values_converted_singly(values):
    """Also for all booleans, all texts, and True next to 1."""
    keys = pl.Series(KEY, range(len(values)))
    assert texts("Phone", values, keys).to_list() == [text(value, "Phone") for value in values]


@pytest.mark.parametrize(
    ("number", "cell"),
    [("1.0", "1"), ("1e3", "1000"), ("1.50", "1.5"), ("1e400", "1e400"), ("-0.5", "-0.5"), ("-0.0", "0"),
     ("1e20", "100000000000000000000"), ("1e-7", "0.0000001"), ("123456789.123", "123456789.123"), ("7", "7")],
)  # fmt: skip
def test_a_number_looks_as_in_a_workbook(number, cell):
    """No `.0`, exponent or needless digit: pulling must not change an account's report."""
    assert text(json.loads(number, parse_float=_number), "Phone") == cell


@pytest.mark.parametrize(
    "row",
    [{"ID": 7, "SA_VERIFIED__CF": True, "AccountID": 5, "accountname": "Contoso"},
     {"id": 7, "sA_Verified__cf": True, "account": {"id": 5, "name": "Contoso"}},
     {"id": "7", "sa_verified__cf": True, "account": {"Name": "Contoso"}, "accountId": 5},
     {"Id": 7, "sA_Verified__cf": True, "Account": 5, "accountName": "Contoso"},
     {"Id": 7, "sA_Verified__cf": True, "Account": {"Id": 5}, "accountId": "5", "accountName": "Contoso"}],
)  # fmt: skip
def test_keys_are_case_insensitive_and_accounts_have_any_shape(row):
    """Flat or nested."""
    frame = users_of([_parsed(json.dumps(row).encode())], FIELDS)
    assert frame.rows() == [(7, "5", "Contoso", "True")]
    assert frame.columns == [KEY, ACCOUNT_ID, ACCOUNT_NAME, "SA Verified"]


@pytest.mark.parametrize(
    "account",
    [{"accountid": None, "accountname": None}, {"account": None}, {"account": {"id": None, "name": None}}],
)
def test_null_is_no_account(account):
    """In every shape."""
    assert users_of([{"id": 7, "sa_verified__cf": True, **account}], FIELDS).rows() == [(7, None, None, "True")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (CONTOSO | {"id": 7}, "left out the field 'SA Verified'"),
        (CONTOSO | {"sa_verified__cf": True}, "id is not a number"),
        (ANA | {"id": True}, "id is not a number"),
        (ANA | {"id": "x"}, "id is not a number"),
        (ANA | {"sa_verified__cf": {"a": 1}}, "'SA Verified' in an unknown shape"),
        (ANA | {"sa_verified__cf": json.loads("[" * 900 + "]" * 900)}, "'SA Verified' in an unknown shape"),
        (ANA | {"sa_verified__cf": "\ud800"}, "'SA Verified' of the user with the id 7"),
        (ANA | {"accountname": "\udcfc"}, "'Account Name' of the user with the id 7"),
        ({"id": 7, "sa_verified__cf": True}, "left out the account"),
        ({"id": 7, "sa_verified__cf": True, "accountname": "Contoso"}, "left out the account"),
        ({"id": 7, "sa_verified__cf": True, "account": {"name": "Contoso"}}, "left out the account"),
        ({"id": 7, "sa_verified__cf": True, "accountid": 5}, "left out the account's name"),
        (ANA | {"accountid": [5]}, "'Account' in an unknown shape"),
        (ANA | {"accountid": {"id": 5}}, "'Account' in an unknown shape"),
        (ANA | {"accountid": True}, "'Account' in an unknown shape"),
        (ANA | {"account": [{"id": 5}]}, "'Account' in an unknown shape"),
        (ANA | {"account": {"id": 6, "name": "Contoso"}}, "two values for 'Account'"),
        (ANA | {"account": {"id": 5, "name": "Fabrikam"}}, "two values for 'Account Name'"),
    ],
)
def test_unknown_shapes_are_refused(row, message):
    """A blank would mean a course not passed; a wrong account, another company's report."""
    with pytest.raises(Unreachable, match=message):
        users_of([row], FIELDS)


def test_no_rows_give_an_empty_frame():
    """As on the page after the last one."""
    assert users_of([], FIELDS).shape == (0, 4)
