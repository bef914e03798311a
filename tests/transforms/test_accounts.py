"""Which row belongs to which account, and an account's name."""

import polars as pl
import pytest

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from transforms.accounts import Accounts, identify

Spelling = tuple[str | None, str | None]  # id, name


def accounts(*rows: Spelling) -> Accounts:
    """The accounts of rows with these ids and names."""
    types = {ACCOUNT_ID: pl.String, ACCOUNT_NAME: pl.String}
    accounts_ = identify(pl.DataFrame(rows, schema=types, orient="row"))
    assert accounts_.of_rows.height == len(rows)
    assert accounts_.table["account"].to_list() == list(range(accounts_.table.height))
    counts = accounts_.of_rows["account"].value_counts().sort("account")
    assert accounts_.table["rows"].to_list() == counts["count"].to_list()
    return accounts_


def doubted(accounts_: Accounts) -> list[tuple[str | None, str, int]]:
    """Id of each account in doubt, name of the account whose rows cause it, and their number."""
    ids = dict(accounts_.table.select("account", "account_id").iter_rows())
    names = dict(accounts_.table.select("account", "name").iter_rows())
    return sorted((ids[account], names[by], rows) for account, by, rows in accounts_.doubts.iter_rows())


def rules(accounts_: Accounts, column: str) -> list[str | None]:
    """The rules that the rows break, in row order."""
    return accounts_.of_rows[column].cast(pl.String).to_list()


def named(*rows: Spelling) -> list[tuple[str, str | None, int]]:
    """Name, id and number of rows of each account."""
    return accounts(*rows).table.select("name", "account_id", "rows").rows()


def test_rows_with_an_id_are_grouped_by_it() -> None:
    """Whatever their name."""
    assert named(("1", "Contoso"), ("2", "Contoso"), ("1", "Fabrikam"), ("1", "Contoso")) == [
        ("Contoso", "1", 3),
        ("Contoso", "2", 1),
    ]


def test_ids_are_trimmed_and_case_sensitive() -> None:
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
def test_rows_without_an_id_are_grouped_by_name(one: str, other: str) -> None:
    """Trimmed, composed, without letter case."""
    accounts_ = accounts((None, one), ("", other), (" ", one))
    assert accounts_.table.height == 1
    assert accounts_.of_rows["account"].to_list() == [0, 0, 0]
    assert accounts_.doubts.is_empty()


def test_different_names_are_different_accounts() -> None:
    """Blanks inside and accents count."""
    assert len(named((None, "a b"), (None, "á b"), (None, "ab"))) == 3


def test_white_space_is_collapsed_and_invisible_characters_dropped() -> None:
    """Non-breaking and zero-width blanks, soft hyphens, line breaks."""
    names = ("Contoso GmbH", "Contoso\u00a0GmbH", "Contoso  GmbH", "Con\u200btoso GmbH", "CONTOSO\r\nGMBH\ufeff")
    assert named(*((None, name) for name in names)) == [("CONTOSO\r\nGMBH\ufeff", None, 5)]
    assert named(*((None, name) for name in (*names, "Contoso GmbH"))) == [("Contoso GmbH", None, 6)]
    assert named((None, "\u200b"), (None, "\ufeff \u2060")) == [("", None, 2)]


def test_the_most_frequent_name_is_shown() -> None:
    """Blank names don't count; spellings that differ in blanks or composition are one."""
    rows = [("1", "Old"), ("1", "New"), ("1", " New"), ("1", ""), ("1", None), ("1", " ")]
    assert named(*rows) == [("New", "1", 6)]
    assert named(("1", "E\u0301"), ("1", "\u00c9"), ("1", "Z")) == [("\u00c9", "1", 3)]
    assert named((None, "CONTOSO"), (None, "Contoso"), (None, "Contoso ")) == [("Contoso", None, 3)]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_tie_of_names_is_broken_alphabetically(turn: int) -> None:
    """The order of the file never matters."""
    rows = [("1", "Beta"), ("1", "Alpha"), ("1", "alpha")][::turn]
    assert named(*rows) == [("Alpha", "1", 3)]


def test_without_a_name_the_id_is_shown() -> None:
    """A file may have ids only."""
    assert named(("2", None), ("1", " "), ("2", "")) == [("1", "1", 1), ("2", "2", 2)]


def test_rows_without_an_account_are_one_group() -> None:
    """Under an empty name."""
    assert named((None, None), ("", " "), ("\u3000", ""), ("1", "C")) == [("", None, 3), ("C", "1", 1)]


def test_missing_ids_put_all_accounts_of_that_name_in_doubt() -> None:
    """The rows may belong to any of them."""
    accounts_ = accounts(("1", "C"), ("2", "c "), (None, "C"), (" ", "C"), (None, "D"), ("3", "E"))
    assert doubted(accounts_) == [("1", "C", 2), ("2", "C", 2)]
    assert rules(accounts_, "id_rule") == [None, None, "id_where_known", "id_where_known", None, None]


def test_a_name_that_is_not_shown_counts_too() -> None:
    """Once is enough."""
    accounts_ = accounts(("1", "New"), ("1", "New"), ("1", "Old"), (None, "OLD"))
    assert doubted(accounts_) == [("1", "OLD", 1)]
    assert rules(accounts_, "id_rule") == [None, None, None, "id_where_known"]


def test_an_id_shown_as_a_name_puts_no_one_in_doubt() -> None:
    """No row has it as a name."""
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
def test_an_invalid_id_puts_accounts_of_that_name_in_doubt(account_id: str, rule: str) -> None:
    """Spreadsheets and tools leave such ids; they would merge several companies."""
    accounts_ = accounts((account_id, "C"), (account_id, "F"), ("1", "c"), ("2", "E"))
    assert accounts_.table.select("name", "account_id", "rows").rows() == [
        *(("C", None, 1), ("c", "1", 1)),
        *(("E", "2", 1), ("F", None, 1)),
    ]
    assert rules(accounts_, "id_rule") == [rule, rule, None, None]
    assert doubted(accounts_) == [("1", "C", 1)]


@pytest.mark.parametrize(
    "account_id",
    [
        *("1", "1295686", "10", "a0", "1E11", "12E", "E+11", "A-1", "x y", "ü", "1.2.3", "NULLA", "N", "7" * 41),
        *("1234567890123456", "0011a00000AbCdEf", "None of these", "N/A-1", "#1"),
    ],
)
def test_other_texts_are_valid_ids(account_id: str) -> None:
    """Leading zeros, letters that resemble scientific notation, ids of other systems."""
    assert rules(accounts((account_id, "C")), "id_rule") == [None]


def test_a_workbook_s_number_of_more_than_15_digits_is_no_id() -> None:
    """Spreadsheets replace further digits by zeros; text files have them all."""
    rows = pl.DataFrame({ACCOUNT_ID: ["1" * 15, "1" * 16, "a" + "1" * 16], ACCOUNT_NAME: ["A", "B", "C"]})
    for origin, rule in (("text", None), ("workbook", "id_within_15"), ("pull", None)):
        assert rules(identify(rows, origin), "id_rule") == [None, rule, None]  # type: ignore[arg-type]  # an Origin


def test_an_id_has_one_name() -> None:
    """Rows with another name than the shown one are faults; blank names and other spellings aren't."""
    accounts_ = accounts(("1", "C"), ("1", " c\u200b"), ("1", "C"), ("1", "F"), ("1", ""), ("1", None), ("2", "F"))
    assert rules(accounts_, "name_rule") == [None, None, None, "one_name", None, None, None]
    assert rules(accounts(("1", "F"), ("1", "C")), "name_rule") == ["one_name", None]  # ties alphabetically


@pytest.mark.parametrize(
    ("name", "rule"), [("#NAME?", "name_no_error"), ("###", "name_no_hashes"), ("Contos\ufffd", "name_all_letters")]
)
def test_a_name_may_be_an_error_value_too(name: str, rule: str) -> None:
    """With an id or without."""
    for account_id in ("1", None):
        assert rules(accounts((account_id, name), ("2", "C")), "name_rule") == [rule, None]


def test_rows_without_an_account_may_belong_to_the_rows_around() -> None:
    """Some exports name an account only in its first row."""
    accounts_ = accounts((None, None), ("1", "A"), (None, " "), ("", ""), ("2", "B"), ("3", "C"), (None, None))
    assert doubted(accounts_) == [("1", "", 2), ("2", "", 2), ("3", "", 1)]
    nameless = [rule == "account_there" for rule in rules(accounts_, "name_rule")]
    assert nameless == [True, False, True, True, False, False, True]


def test_in_a_pull_rows_without_an_account_doubt_no_neighbours() -> None:
    """Users are in the order of their ids."""
    rows = pl.DataFrame({ACCOUNT_ID: ["1", None], ACCOUNT_NAME: ["A", None]})
    assert identify(rows, "pull").doubts.is_empty()


def test_a_row_with_an_invalid_id_and_no_name_is_a_fault_of_its_id() -> None:
    """It names something, so it is not part of the group above."""
    accounts_ = accounts(("1", "A"), ("#N/A", None), ("2", "B"))
    assert rules(accounts_, "id_rule") == [None, "id_no_error", None]
    assert rules(accounts_, "name_rule") == [None, None, None]
    assert accounts_.doubts.is_empty()
    assert accounts_.table["name"].to_list() == ["", "A", "B"]


def test_every_row_has_its_account_in_order() -> None:
    """Also where accounts are interleaved."""
    accounts_ = accounts(("1", "B"), (None, "A"), ("1", "B"), (None, None), (None, "a"))
    names = dict(accounts_.table.select("account", "name").rows())
    assert [names[number] for number in accounts_.of_rows["account"]] == ["B", "A", "B", "", "A"]
