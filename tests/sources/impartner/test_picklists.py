"""A picklist number becomes its name; a number without a name is refused."""

import pytest

from schemas.errors import Unreachable
from sources.impartner.cells import text
from sources.impartner.picklists import picklist_of
from sources.impartner.pull import pull
from sources.sandbox import serving
from tests.sources.impartner.pulling import FAST, SMALL, connect

GOLD = {"id": 3, "name": "Gold"}


def described(values, kind="Single"):
    """An entry of `_describe` with these values."""
    return {"name": "tier", "picklisttype": kind, "fieldtype": "Picklist", "values": values}


@pytest.mark.parametrize(
    "values",
    [
        [GOLD],
        [{"value": 3, "display": "Gold"}],
        [{"value": "3", "label": "Gold"}],
        [{"key": 3, "value": "Gold"}],
        [{"id": 3, "name": "Gold", "display": "Gold partner"}],
        {"3": "Gold"},
        [{"id": 1, "name": "Silver"}, GOLD],
    ],
)
@pytest.mark.parametrize("value", [3, "3", [3], {"id": 3, "name": "Gold"}])
def test_a_number_becomes_its_name(values, value):
    """In every notation of the values."""
    assert text(value, "Tier", picklist_of(described(values))) == "Gold"


@pytest.mark.parametrize(
    ("value", "cell"),
    [("Gold", "Gold"), ("Old gold", "Old gold"), (None, None), (True, "True"), ([3, "Gold"], "Gold; Gold")],
)
def test_a_text_is_kept(value, cell):
    """Even if it is no longer in the picklist."""
    assert text(value, "Tier", picklist_of(described([GOLD]))) == cell


@pytest.mark.parametrize(
    "values", [["2020", "2021"], [{"name": "2020"}, {"name": "2021"}], [{"id": "2020", "name": "2020"}]]
)
@pytest.mark.parametrize("value", ["2020", 2020])
def test_a_numeric_name_is_a_name(values, value):
    """Years, for example."""
    assert text(value, "Year", picklist_of(described(values))) == "2020"


@pytest.mark.parametrize("values", [[GOLD], [], None, ["Gold"], [{"id": 3}], [7], "Gold"])
@pytest.mark.parametrize("value", [99, [99], -1])
def test_a_number_without_a_name_is_refused_with_its_field(values, value):
    """No one can tell what people see there."""
    with pytest.raises(Unreachable, match="'Tier' as a number that its picklist has no name for"):
        text(value, "Tier", picklist_of(described(values)))


@pytest.mark.parametrize("entry", [{"picklisttype": None}, {"picklisttype": "None", "fieldtype": "Integer"}, {}])
def test_numbers_in_other_fields_are_kept(entry):
    """Only picklists have names for them."""
    assert text(99, "Employees", picklist_of(entry | {"values": [GOLD]})) == "99"


def test_a_pull_gives_names():
    """The same cells as from a tenant that sends names."""
    with serving(**SMALL) as sandbox:
        by_name = pull(connect(sandbox), backoff=FAST).frame
    for user in sandbox.data.users:
        if user["PSE_Certified_2021__cf"] == "in progress":
            user["PSE_Certified_2021__cf"] = None
    with serving(**SMALL, faults=["picklist-number:always"]) as sandbox:
        by_number = pull(connect(sandbox), backoff=FAST).frame
    column = by_name["PSE Certified 2021"].replace("in progress", None)
    assert by_number["PSE Certified 2021"].to_list() == column.to_list()


def test_a_pull_with_an_unknown_number_is_exit_5():
    """The field is named."""
    message = "'PSE Certified 2021' as a number"
    with serving(**SMALL, faults=["picklist-unknown:always"]) as sandbox, pytest.raises(Unreachable, match=message):
        pull(connect(sandbox), backoff=FAST)
