"""What is known of each row, and which accounts are held back for it."""

from collections.abc import Sequence

import polars as pl
import pytest

from schemas.stages import find_faults
from tests.exporting import export_of
from tests.people import Row, person
from transforms.accounts import identify
from transforms.file_names import name_files
from transforms.hold_back import FAULT_COLUMNS, hold_back
from transforms.people import join_accounts, shared_addresses
from transforms.select import select


def held(rows: Sequence[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table of accounts and the faults in words."""
    selected = select(export_of(rows).frame)
    accounts = identify(selected)
    people = join_accounts(selected, accounts, shared_addresses(selected))
    return hold_back(accounts, name_files(accounts.table), find_faults(people), selected)


def who(rows: Sequence[Row]) -> dict[str, int]:
    """The accounts that are held, by id or name, and their count of faults."""
    table, _ = held(rows)
    assert table["held"].to_list() == [count > 0 for count in table["faults"]]
    named = table.filter("held").select(pl.coalesce("account_id", "name"), "faults")
    return dict(named.iter_rows())


def test_fit_accounts_are_not_held() -> None:
    """And there is nothing to tell."""
    table, faults = held([person(), person("Bob"), person("Cy", Account_ID="2", Account_Name="Fabrikam")])
    assert table["held"].to_list() == [False, False]
    assert table["file"].to_list() == ["certifications-contoso-1.csv", "certifications-fabrikam-2.csv"]
    assert faults.is_empty()
    assert faults.columns == [*FAULT_COLUMNS, "at_account"]


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@Example.com", " ada@example.com\u00a0"])
def test_the_same_address_again_is_told_for_each_row_but_the_first(again: str) -> None:
    """Trimmed and without letter case."""
    _, faults = held([person(), person("Bob"), person("Cy", Email=again), person("Di", Email=again)])
    assert faults.select("row", "column", "found").rows() == [(4, "Email", again), (5, "Email", again)]


def test_the_same_address_in_two_accounts_is_no_fault() -> None:
    """People change sides, and consultants work for many."""
    assert who([person(), person(Account_ID="2", Account_Name="Fabrikam")]) == {}


def test_blank_addresses_are_not_repeated_ones() -> None:
    """Each is a fault of its own, and only one."""
    _, faults = held([person(Email=""), person(Email=" "), person(Email=None)])
    assert faults.select("row", "column").rows() == [(2, "Email"), (3, "Email"), (4, "Email")]


def test_a_fault_holds_its_account_and_no_other() -> None:
    """Two faults are counted."""
    rows = [person(SA_Verified="yes", Email=""), person(Account_ID="2"), person(Account_ID="3", Account_Name="F")]
    assert who(rows) == {"1": 2}


def test_a_blank_id_beside_a_known_name_holds_every_account_of_that_name() -> None:
    """Whose row it is can't be known."""
    rows = [
        person(),
        person(Account_ID="2"),
        person("Bob", Account_ID=" "),
        person("Cy", Account_ID="3", Account_Name="F"),
    ]
    assert who(rows) == {"1": 1, "2": 1, "Contoso": 1}
    _, faults = held(rows)
    assert faults.select("account", "account_id", "row", "column").rows() == [("Contoso", None, 4, "Account ID")]


def test_rows_without_an_account_are_held_together() -> None:
    """Under an empty name, each row a fault; they may be of the account above."""
    rows = [person(), person("Bob", Account_ID="", Account_Name=" "), person("Cy", Account_ID=None, Account_Name=None)]
    assert who(rows) == {"": 2, "1": 2}
    _, faults = held(rows)
    assert faults.select("account", "account_id", "row", "column", "found").rows() == [
        ("", None, 3, "Account Name", " "),
        ("", None, 4, "Account Name", None),
    ]


def test_two_accounts_that_would_share_a_file_are_both_held() -> None:
    """Letter case ignored, for some file systems ignore it."""
    rows = [person(Account_ID="ab"), person(Account_ID="AB"), person(Account_ID="abc")]
    assert who(rows) == {"ab": 1, "AB": 1}
    _, faults = held(rows)
    assert faults.select("row", "column", "found").rows() == [
        (2, "Account Name", "certifications-contoso-ab.csv"),
        (3, "Account Name", "certifications-contoso-AB.csv"),
    ]


def test_a_file_may_be_shared_by_quite_different_accounts() -> None:
    """Where one's name ends and another's id begins can't be seen in a file name."""
    rows = [person(Account_ID="c", Account_Name="A B"), person(Account_ID="b-c", Account_Name="A")]
    assert who(rows) == {"c": 1, "b-c": 1}


def test_faults_come_by_row_and_column() -> None:
    """As a person goes through the export."""
    rows = [person(Sales_Badged="b", Account_Activated="a"), person(Email="", Account_ID="2")]
    _, faults = held(rows)
    assert faults.select("row", "column").rows() == [(2, "Account Activated"), (2, "Sales Badged"), (3, "Email")]
