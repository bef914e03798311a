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
    assert found.of_rows.height == len(rows)
    assert found.table["account"].to_list() == list(range(found.table.height))
    counts = found.of_rows["account"].value_counts().sort("account")
    assert found.table["rows"].to_list() == counts["count"].to_list()
    return found


def doubted(found: Accounts) -> list[tuple[str | None, str, int]]:
    """Id of each account that is in doubt, name of the account whose rows are why, and how many they are."""
    ids = dict(found.table.select("account", "account_id").iter_rows())
    names = dict(found.table.select("account", "name").iter_rows())
    return sorted((ids[account], names[by], rows) for account, by, rows in found.doubts.iter_rows())


def rules(found: Accounts, column: str) -> list[str | None]:
    """The rules that the rows break, in their order."""
    return found.of_rows[column].cast(pl.String).to_list()


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
    assert found.of_rows["account"].to_list() == [0, 0, 0]
    assert found.doubts.is_empty()


def test_names_that_read_otherwise_stay_apart() -> None:
    """One blank is one, and accents count."""
    assert len(named((None, "a b"), (None, "á b"), (None, "ab"))) == 3


def test_runs_of_blanks_are_one_and_what_nobody_sees_is_nothing() -> None:
    """Non-breaking blanks, two blanks, zero-width ones, soft hyphens, line breaks."""
    names = ("Contoso GmbH", "Contoso\u00a0GmbH", "Contoso  GmbH", "Con\u200btoso GmbH", "CONTOSO\r\nGMBH\ufeff")
    assert named(*((None, name) for name in names)) == [("CONTOSO\r\nGMBH\ufeff", None, 5)]
    assert named(*((None, name) for name in (*names, "Contoso GmbH"))) == [("Contoso GmbH", None, 6)]
    assert named((None, "\u200b"), (None, "\ufeff \u2060")) == [("", None, 2)]


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


def test_rows_that_lack_the_id_of_a_known_name_throw_doubt_on_all_of_that_name() -> None:
    """They may be anybody's of that name."""
    found = accounts(("1", "C"), ("2", "c "), (None, "C"), (" ", "C"), (None, "D"), ("3", "E"))
    assert doubted(found) == [("1", "C", 2), ("2", "C", 2)]
    assert rules(found, "id_rule") == [None, None, "id_where_known", "id_where_known", None, None]


def test_a_name_that_an_account_is_not_shown_under_counts_too() -> None:
    """Once is enough for others to lack the id."""
    found = accounts(("1", "New"), ("1", "New"), ("1", "Old"), (None, "OLD"))
    assert doubted(found) == [("1", "OLD", 1)]
    assert rules(found, "id_rule") == [None, None, None, "id_where_known"]


def test_an_id_that_serves_as_name_throws_doubt_on_nobody() -> None:
    """Nobody carries it as a name."""
    assert doubted(accounts(("7", None), (None, "7"))) == []


@pytest.mark.parametrize(
    ("account_id", "rule"),
    [
        *(("#N/A", "id_no_error"), (" #REF! ", "id_no_error"), ("#NV", "id_no_error"), ("Err:502", "id_no_error")),
        *(
            ("####", "id_no_hashes"),
            ("0", "id_no_placeholder"),
            ("000", "id_no_placeholder"),
            ("-", "id_no_placeholder"),
        ),
        *((word, "id_no_placeholder") for word in ("N/A", "n/a", "NA", "NULL", "Null", "None", "NONE", "nan", "–")),
        *(("1.23457E+11", "id_in_full"), ("1,23E+11", "id_in_full"), ("1E+15", "id_in_full"), ("1.2e-7", "id_in_full")),
        *(
            ("1295686.0", "id_unformatted"),
            ("1,295,686", "id_unformatted"),
            ("12,95,686", "id_unformatted"),
            ("1.295.686", "id_unformatted"),
        ),
        *(("1295686,00", "id_unformatted"), ("1 295 686", "id_unformatted"), ("1\u202f295\u202f686", "id_unformatted")),
        *(("1'295'686", "id_unformatted"), ("1,295,686.00", "id_unformatted"), ("'1295686", "id_unquoted")),
        *(("1295686\u200b", "id_visible"), ("\u200b", "id_visible"), ("12\ufffd", "id_visible")),
    ],
)
def test_what_can_be_no_id_is_none_and_throws_doubt_on_all_of_that_name(account_id: str, rule: str) -> None:
    """As a spreadsheet program leaves ids, or a tool fills them in; people of several accounts would be under one."""
    found = accounts((account_id, "C"), (account_id, "F"), ("1", "c"), ("2", "E"))
    assert found.table.select("name", "account_id", "rows").rows() == [
        *(("C", None, 1), ("c", "1", 1)),
        *(("E", "2", 1), ("F", None, 1)),
    ]
    assert rules(found, "id_rule") == [rule, rule, None, None]
    assert doubted(found) == [("1", "C", 1)]


@pytest.mark.parametrize(
    "account_id",
    [
        *("1", "1295686", "10", "a0", "1E11", "12E", "E+11", "A-1", "x y", "ü", "1.2.3", "NULLA", "N", "7" * 41),
        *("1234567890123456", "0011a00000AbCdEf", "None of these", "N/A-1", "#1"),
    ],
)
def test_an_id_may_be_any_other_text(account_id: str) -> None:
    """Zeros in front, letters that look like an E-notation without a sign, ids of other systems."""
    assert rules(accounts((account_id, "C")), "id_rule") == [None]


def test_a_number_of_more_than_15_digits_is_no_id_in_a_workbook() -> None:
    """A spreadsheet program makes zeros of the digits after the fifteenth; a text file has them all."""
    rows = pl.DataFrame({ACCOUNT_ID: ["1" * 15, "1" * 16, "a" + "1" * 16], ACCOUNT_NAME: ["A", "B", "C"]})
    for origin, rule in (("text", None), ("workbook", "id_within_15"), ("pull", None)):
        assert rules(identify(rows, origin), "id_rule") == [None, rule, None]  # type: ignore[arg-type]  # an Origin


def test_an_id_has_one_name() -> None:
    """The rows with another than the one that is shown are told; blank names and other spellings are no others."""
    found = accounts(("1", "C"), ("1", " c\u200b"), ("1", "C"), ("1", "F"), ("1", ""), ("1", None), ("2", "F"))
    assert rules(found, "name_rule") == [None, None, None, "one_name", None, None, None]
    assert rules(accounts(("1", "F"), ("1", "C")), "name_rule") == ["one_name", None]  # of a tie, the first in order


@pytest.mark.parametrize(
    ("name", "rule"), [("#NAME?", "name_no_error"), ("###", "name_no_hashes"), ("Contos\ufffd", "name_all_letters")]
)
def test_a_name_may_be_spoiled_too(name: str, rule: str) -> None:
    """With an id or without."""
    for account_id in ("1", None):
        assert rules(accounts((account_id, name), ("2", "C")), "name_rule") == [rule, None]


def test_rows_without_an_account_may_be_of_the_accounts_above_and_below() -> None:
    """Where only the first row of a group names it; above the first one there is none."""
    found = accounts((None, None), ("1", "A"), (None, " "), ("", ""), ("2", "B"), ("3", "C"), (None, None))
    assert doubted(found) == [("1", "", 2), ("2", "", 2), ("3", "", 1)]
    nameless = [rule == "account_there" for rule in rules(found, "name_rule")]
    assert nameless == [True, False, True, True, False, False, True]


def test_in_a_pull_a_user_without_an_account_is_nobody_else_s() -> None:
    """Users stand in the order of their ids."""
    rows = pl.DataFrame({ACCOUNT_ID: ["1", None], ACCOUNT_NAME: ["A", None]})
    assert identify(rows, "pull").doubts.is_empty()


def test_a_row_whose_id_is_none_and_that_has_no_name_is_told_by_its_id() -> None:
    """It names something, so it is no row of a group."""
    found = accounts(("1", "A"), ("#N/A", None), ("2", "B"))
    assert rules(found, "id_rule") == [None, "id_no_error", None]
    assert rules(found, "name_rule") == [None, None, None]
    assert found.doubts.is_empty()
    assert found.table["name"].to_list() == ["", "A", "B"]


def test_every_row_is_told_its_account_in_the_order_of_the_frame() -> None:
    """Also where rows of accounts are mixed."""
    found = accounts(("1", "B"), (None, "A"), ("1", "B"), (None, None), (None, "a"))
    names = dict(found.table.select("account", "name").rows())
    assert [names[number] for number in found.of_rows["account"]] == ["B", "A", "B", "", "A"]
