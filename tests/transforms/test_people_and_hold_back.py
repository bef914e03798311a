"""What is known of each row, and which accounts it holds back."""

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
    """The table of accounts, and the faults."""
    selected = select(export_of(rows).frame)
    accounts = identify(selected)
    people = join_accounts(selected, accounts, shared_addresses(selected))
    return hold_back(accounts, name_files(accounts.table), find_faults(people), selected)


def faults_by_account(rows: Sequence[Row]) -> dict[str, int]:
    """The held accounts, by id or name, with their number of faults."""
    table, _ = held(rows)
    assert table["held"].to_list() == [count > 0 for count in table["faults"]]
    named = table.filter("held").select(pl.coalesce("account_id", "name"), "faults")
    return dict(named.iter_rows())


def test_valid_accounts_are_not_held() -> None:
    """And there are no faults."""
    table, faults = held([person(), person("Bob"), person("Cy", Account_ID="2", Account_Name="Fabrikam")])
    assert table["held"].to_list() == [False, False]
    assert table["file"].to_list() == ["certifications-contoso-1.csv", "certifications-fabrikam-2.csv"]
    assert faults.is_empty()
    assert faults.columns == [*FAULT_COLUMNS, "at_account"]


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@Example.com", " ada@example.com\u00a0"])
def test_a_repeated_address_is_a_fault_of_each_row_but_the_first(again: str) -> None:
    """Trimmed, in any letter case."""
    _, faults = held([person(), person("Bob"), person("Cy", Email=again), person("Di", Email=again)])
    assert faults.select("row", "column", "found").rows() == [(4, "Email", again), (5, "Email", again)]


def test_one_address_in_two_accounts_is_no_fault() -> None:
    """People change employers, and consultants work for several."""
    assert faults_by_account([person(), person(Account_ID="2", Account_Name="Fabrikam")]) == {}


def test_blank_addresses_are_no_repeated_ones() -> None:
    """Each is one fault of its own."""
    _, faults = held([person(Email=""), person(Email=" "), person(Email=None)])
    assert faults.select("row", "column").rows() == [(2, "Email"), (3, "Email"), (4, "Email")]


def test_a_fault_holds_only_its_account() -> None:
    """All its faults are counted."""
    rows = [person(SA_Verified="yes", Email=""), person(Account_ID="2"), person(Account_ID="3", Account_Name="F")]
    assert faults_by_account(rows) == {"1": 2}


def test_a_blank_id_holds_all_accounts_of_that_name() -> None:
    """The row may belong to any of them."""
    rows = [
        person(),
        person(Account_ID="2"),
        person("Bob", Account_ID=" "),
        person("Cy", Account_ID="3", Account_Name="F"),
    ]
    assert faults_by_account(rows) == {"1": 1, "2": 1, "Contoso": 1}
    _, faults = held(rows)
    assert faults.select("account", "account_id", "row", "column").rows() == [("Contoso", None, 4, "Account ID")]


def test_rows_without_an_account_are_held_together() -> None:
    """They may also belong to the account above."""
    rows = [person(), person("Bob", Account_ID="", Account_Name=" "), person("Cy", Account_ID=None, Account_Name=None)]
    assert faults_by_account(rows) == {"": 2, "1": 2}
    _, faults = held(rows)
    assert faults.select("account", "account_id", "row", "column", "found").rows() == [
        ("", None, 3, "Account Name", " "),
        ("", None, 4, "Account Name", None),
    ]


def test_two_accounts_with_one_file_name_are_both_held() -> None:
    """Letter case is ignored, as some file systems do."""
    rows = [person(Account_ID="ab"), person(Account_ID="AB"), person(Account_ID="abc")]
    assert faults_by_account(rows) == {"ab": 1, "AB": 1}
    _, faults = held(rows)
    assert faults.select("row", "column", "found").rows() == [
        (2, "Account Name", "certifications-contoso-ab.csv"),
        (3, "Account Name", "certifications-contoso-AB.csv"),
    ]


def test_different_accounts_may_have_one_file_name() -> None:
    """A file name doesn't show where the name ends and the id begins."""
    rows = [person(Account_ID="c", Account_Name="A B"), person(Account_ID="b-c", Account_Name="A")]
    assert faults_by_account(rows) == {"c": 1, "b-c": 1}


def test_faults_are_sorted_by_row_and_column() -> None:
    """As in the export."""
    rows = [person(Sales_Badged="b", Account_Activated="a"), person(Email="", Account_ID="2")]
    _, faults = held(rows)
    assert faults.select("row", "column").rows() == [(2, "Account Activated"), (2, "Sales Badged"), (3, "Email")]
