"""Labels are found in what `_describe` says; nothing is guessed."""

import pytest

from schemas.columns import keep, mark
from schemas.errors import Unreachable
from sources.impartner.fields import compare

COLUMNS = (keep("Full Name", ""), mark("SA Verified", ""))


def test_labels_match_trimmed_without_letter_case_and_without_the_prefix():
    """As the picker shows them."""
    survey = compare(
        [{"Name": "Name", "Display": " user: FULL name "}, {"name": "X__cf", "display": "SA verified"}], COLUMNS
    )
    assert survey.wrong == ()
    assert survey.whole().names == {"Full Name": "Name", "SA Verified": "X__cf"}


def test_an_api_name_in_the_table_wins():
    """Even where another field carries the label."""
    columns = (mark("SA Verified", "", api="sa_verified__CF"),)
    described = [{"name": "Other", "display": "SA Verified"}, {"name": "SA_Verified__cf", "display": "Architect"}]
    assert compare(described, columns).whole().names == {"SA Verified": "SA_Verified__cf"}


def test_all_that_is_wrong_is_told_at_once():
    """Missing with the nearest label, and carried twice with the names."""
    described = [
        {"name": "A", "display": "SA Verified"},
        {"name": "B", "display": "sa verified"},
        {"name": "C", "display": "Whole Name"},
    ]
    with pytest.raises(
        Unreachable, match=r"'Full Name' is missing .*'Whole Name'.*'SA Verified' is the label of 2 fields"
    ):
        compare(described, COLUMNS).whole()


@pytest.mark.parametrize("described", [None, {}, [], ["x"], [{"display": "Full Name"}]])
def test_a_description_that_is_none_is_refused(described):
    """Clearly, not as fifteen missing labels."""
    with pytest.raises(Unreachable, match="not a list of fields"):
        compare(described, COLUMNS)


def test_the_account_name_is_asked_of_the_account_where_users_have_none():
    """A dotted path does as well."""
    described = [{"name": "Name", "display": "Full Name"}, {"name": "X", "display": "SA Verified"}]
    assert compare(described, COLUMNS).fields.all == "Id,Account,Account.Name,Name,X"
