"""Which row belongs to which account, and what an account is called."""

import polars as pl
import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from transforms.accounts import Accounts, identify

Spelling = tuple[str | None, str | None]  # id, name


def accounts(*rows: Spelling) -> Accounts:
    """The accounts of rows with these ids and names."""
    types = {ACCOUNT_ID: pl.String, ACCOUNT_NAME: pl.String}
    found = identify(pl.DataFrame(rows, schema=types, orient="row"))
    assert found.of_rows.len() == len(rows)
    assert found.table["account"].to_list() == list(range(found.table.height))
    assert found.table["rows"].to_list() == found.of_rows.value_counts().sort(found.of_rows.name)["count"].to_list()
    return found


def named(*rows: Spelling) -> list[tuple[str, str | None, int]]:
    """Name, id and rows of each account."""
    return accounts(*rows).table.select("name", "account_id", "rows").rows()


def test_an_account_is_its_id_where_the_row_has_one() -> None:
    """Whatever the name says."""
    assert named(("1", "Contoso"), ("2", "Contoso"), ("1", "Fabrikam"), ("1", "Contoso")) == [
        ("Contoso", "1", 3),
        ("Contoso", "2", 1),
    ]


def test_an_id_counts_without_blanks_around_and_with_its_letter_case() -> None:
    """`a1` and `A1` are two ids."""
    assert named((" 1\u00a0", "C"), ("1", "C"), ("a1", "D"), ("A1", "D")) == [
        ("C", "1", 2),
        ("D", "A1", 1),
        ("D", "a1", 1),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Contoso", "CONTOSO"),
        ("Contoso", "\u2003contoso \u00a0"),
        ("Straße", "STRASSE"),
        ("\u00c9a", "E\u0301a"),
        ("\u212b", "\u00e5"),
        ("ΣΑΣ", "σας"),
    ],
)
def test_without_ids_names_that_read_the_same_are_one_account(one: str, other: str) -> None:
    """Trimmed, composed, without letter case."""
    found = accounts((None, one), ("", other), (" ", one))
    assert found.table.height == 1
    assert found.of_rows.to_list() == [0, 0, 0]
    assert found.table["unclear"].to_list() == [0]


def test_names_that_read_otherwise_stay_apart() -> None:
    """Blanks within count, and so do accents."""
    assert len(named((None, "a b"), (None, "a  b"), (None, "á b"), (None, "ab"))) == 4


def test_an_account_is_shown_under_its_most_frequent_name() -> None:
    """Blank names don't count, and spellings that differ by blanks or composition are one."""
    rows = [("1", "Old"), ("1", "New"), ("1", " New"), ("1", ""), ("1", None), ("1", " ")]
    assert named(*rows) == [("New", "1", 6)]
    assert named(("1", "E\u0301"), ("1", "\u00c9"), ("1", "Z")) == [("\u00c9", "1", 3)]
    assert named((None, "CONTOSO"), (None, "Contoso"), (None, "Contoso ")) == [("Contoso", None, 3)]


@pytest.mark.parametrize("turn", [1, -1])
def test_of_equally_frequent_names_the_first_in_order_is_shown(turn: int) -> None:
    """Not the first in the file, for the order of the file never matters."""
    rows = [("1", "Beta"), ("1", "Alpha"), ("1", "alpha")][::turn]
    assert named(*rows) == [("Alpha", "1", 3)]


def test_without_a_name_the_id_serves_as_one() -> None:
    """A file may have ids only."""
    assert named(("2", None), ("1", " "), ("2", "")) == [("1", "1", 1), ("2", "2", 2)]


def test_rows_without_an_account_are_together_under_an_empty_name() -> None:
    """They are counted as one."""
    assert named((None, None), ("", " "), ("\u3000", ""), ("1", "C")) == [("", None, 3), ("C", "1", 1)]


def test_rows_that_lack_the_id_of_a_known_name_are_unclear() -> None:
    """They may be anybody's of that name; every account of it is told."""
    found = accounts(("1", "C"), ("2", "c "), (None, "C"), (None, "C"), (None, "D"), ("3", "E"))
    assert set(found.table.select("name", "account_id", "unclear").rows()) == {
        *(("C", None, 2), ("C", "1", 2), ("c", "2", 2)),
        *(("D", None, 0), ("E", "3", 0)),
    }


def test_a_name_that_an_account_is_not_shown_under_counts_too() -> None:
    """Once is enough for others to lack the id."""
    found = accounts(("1", "New"), ("1", "New"), ("1", "Old"), (None, "OLD"))
    assert found.table.select("name", "account_id", "unclear", "unclear_names").rows() == [
        ("New", "1", 1, ["old"]),
        ("OLD", None, 1, ["old"]),
    ]


def test_an_id_that_serves_as_name_makes_nobody_unclear() -> None:
    """Nobody carries it as a name."""
    found = accounts(("7", None), (None, "7"))
    assert found.table["unclear"].to_list() == [0, 0]


def test_every_row_is_told_its_account_in_the_order_of_the_frame() -> None:
    """Also where rows of accounts are mixed."""
    found = accounts(("1", "B"), (None, "A"), ("1", "B"), (None, None), (None, "a"))
    names = dict(found.table.select("account", "name").rows())
    assert [names[number] for number in found.of_rows] == ["B", "A", "B", "", "A"]
