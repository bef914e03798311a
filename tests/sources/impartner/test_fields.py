"""Fields are found by their label in `_describe`; nothing is guessed."""

import pytest

from schemas.columns import keep, mark
from schemas.errors import Unreachable
from sources.impartner.fields import compare

COLUMNS = (keep("Full Name", ""), mark("SA Verified", ""))


def test_labels_match_as_headings_do():
    """Any letter case and white space, with or without the prefix, and no invisible characters."""
    survey = compare(
        [{"Name": "Name", "Display": " user: FULL  name "}, {"name": "X__cf", "display": "SA\u00a0veri\u200bfied"}],
        COLUMNS,
    )
    assert survey.wrong == ()
    assert survey.whole().names == {"Full Name": "Name", "SA Verified": "X__cf"}


def test_an_api_name_in_the_table_wins():
    """Even if another field has the label."""
    columns = (mark("SA Verified", "", api="sa_verified__CF"),)
    described = [{"name": "Other", "display": "SA Verified"}, {"name": "SA_Verified__cf", "display": "Architect"}]
    assert compare(described, columns).whole().names == {"SA Verified": "SA_Verified__cf"}


def test_all_problems_are_reported_at_once():
    """A missing label with the nearest one, a duplicate with its API names."""
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
def test_an_invalid_description_is_refused(described):
    """As such, not as fifteen missing labels."""
    with pytest.raises(Unreachable, match="not a list of fields"):
        compare(described, COLUMNS)


def test_the_account_name_falls_back_to_the_account_s_name():
    """By a dotted path."""
    described = [{"name": "Name", "display": "Full Name"}, {"name": "X", "display": "SA Verified"}]
    assert compare(described, COLUMNS).fields.all == "Id,Account,Account.Name,Name,X"
