"""The account that a person means, in `account` and `review --account`."""

import re
from pathlib import Path

import pytest

from schemas.columns import FIELDS
from tests.cli.invoking import BAD, NOTHING, ROWS, Invoke, export, parsed
from tests.people import person


@pytest.mark.parametrize("name", ["Contoso", "contoso", " CONTOSO  ", "1", " 1"])
def test_account_is_found_by_name_or_id(name: str, invoke: Invoke, tmp_path: Path) -> None:
    """Ignoring case and blanks; the last line is the path of its CSV."""
    result = invoke("account", name, export(BAD))
    path = Path(result.stdout.splitlines()[-1])
    assert path.is_absolute()
    assert path.name == "certifications-contoso-1.csv"
    assert path.parent.parent.parent == tmp_path / "home" / "runs"
    assert path.read_bytes().count(b"\r\n") == 3
    assert len(list(path.parent.iterdir())) == 1


def test_odd_blanks_in_a_name_are_ignored(invoke: Invoke) -> None:
    """But two accounts with one name are distinguished by their ids."""
    invoke("account", "fabrikam \u00a0 ag\u200b", export())
    other = person("Di", Account_ID="3", Account_Name="Fabrikam  AG")
    result = invoke("account", "Fabrikam  AG", export([*ROWS, other]), status=3)
    assert {"2", "3"} <= set(re.findall(r"\w+", result.stderr))


def test_account_json_is_about_that_account_only(invoke: Invoke) -> None:
    """`rows_read` and the faults are its own."""
    output = parsed(invoke("account", "contoso", export(BAD), "--json"))
    assert output["kind"] == "account"
    assert output["status"] == "complete"
    assert output["totals"] == {
        "accounts": 1, "written": 1, "held": 0, "people": 2, "rows_read": 2, "guarded_cells": 1
    }  # fmt: skip
    assert output["faults"] == []
    output = parsed(invoke("account", "held ltd", export(BAD), "--json", status=4))
    assert output["totals"] == NOTHING | {"accounts": 1, "held": 1, "rows_read": 1}
    assert [fault["row"] for fault in output["faults"]] == [5]


def test_a_held_account_has_no_path(invoke: Invoke) -> None:
    """So nobody attaches it by mistake."""
    assert ".csv" not in invoke("account", "Held Ltd", export(BAD), status=4).stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("wanted", "near"), [("Contosso", "Contoso"), ("fabrikam", "Fabrikam AG"), ("", None), ("  ", None), ("zzzz", None)]
)
def test_an_unknown_account_is_refused_with_suggestions(wanted: str, near: str | None, invoke: Invoke) -> None:
    """Nothing is written; a blank name matches none."""
    result = invoke("account", wanted, export([*ROWS, person("Di", Account_ID="", Account_Name="Idless")]), status=3)
    assert (near is None) == ("Did you mean" not in result.stderr)
    assert near is None or near in result.stderr
    assert not Path("home").exists()
    output = parsed(invoke("account", wanted, export(), "--json", status=3))
    assert (output["status"], output["run"], output["kind"], output["totals"]) == ("refused", None, "account", NOTHING)
    assert output["faults"]


def test_two_accounts_with_one_name_are_listed_with_their_ids(invoke: Invoke) -> None:
    """The id selects one."""
    rows = [*ROWS, person("Di", Account_ID="77", Account_Name="CONTOSO")]
    result = invoke("account", "contoso", export(rows), status=3)
    assert {"1", "77"} <= set(re.findall(r"\w+", result.stderr))
    assert invoke("account", "77", export(rows)).stdout.splitlines()[-1].endswith("certifications-contoso-77.csv")


def test_an_id_that_is_another_account_s_name_is_refused_with_both_ids(invoke: Invoke) -> None:
    """Ignoring letter case."""
    rows = [person(Account_ID="x9", Account_Name="Alpha"), person("Bob", Account_ID="55", Account_Name="X9")]
    for wanted in ("x9", "X9"):
        result = invoke("account", wanted, export(rows), status=3)
        assert "x9" in result.stderr
        assert "55" in result.stderr


def test_ids_that_differ_in_case_must_match_exactly(invoke: Invoke) -> None:
    """Otherwise one could never be selected."""
    rows = [person(Account_ID="ab", Account_Name="Alpha"), person("Bob", Account_ID="AB", Account_Name="Beta")]
    assert invoke("account", "AB", export(rows)).stdout.splitlines()[-1].endswith("certifications-beta-AB.csv")
    assert "ab" in invoke("account", "aB", export(rows), status=3).stderr


def test_rows_without_the_account_s_id_hold_it(invoke: Invoke) -> None:
    """Under any of its names, whichever was given."""
    old = {"Account_Name": "Old Name"}
    rows = [*ROWS, person("Di", Account_Name="Old Name"), person("Ed", Account_ID="", **old)]
    for wanted in ("1", "Contoso", "old name"):
        output = parsed(invoke("account", wanted, export(rows), "--json", status=4))
        faults = [(fault["row"], fault["column"]) for fault in output["faults"]]
        assert faults == [(5, "Account Name"), (6, "Account ID")], wanted  # an id has one name, and this one has two


def test_a_file_without_account_columns_is_the_named_account_s(invoke: Invoke) -> None:
    """`account` accepts it; `nightly` and `check` refuse it and name the column."""
    path = export(columns=FIELDS)
    assert "certifications-newcomer-" in invoke("account", "Newcomer", path).stdout.splitlines()[-1]
    for command in ("nightly", "check"):
        output = parsed(invoke(command, path, "--json", status=3))
        assert [fault["column"] for fault in output["faults"]] == ["Account Name"]
        assert "Account Name" in invoke(command, path, status=3).stderr


def test_a_suggestion_is_not_repeated(invoke: Invoke) -> None:
    """Even if several accounts have the name."""
    rows = [person(Account_ID=number, Account_Name="Contoso GmbH") for number in "12"]
    result = invoke("account", "Contoso Gmb", export(rows), status=3)
    assert result.stderr.count("Contoso GmbH") == 1


def test_review_of_one_account(invoke: Invoke) -> None:
    """By name or id; an unknown one is wrong usage, as is --serve with it."""
    invoke("nightly", export())
    (account,) = parsed(invoke("review", "--account", "fabrikam ag", "--json"))["accounts"]
    assert account["account_id"] == "2"
    assert "nobody" in parsed(invoke("review", "--account", "nobody", "--json", status=2))["error"]
    invoke("review", "--serve", "--account", "2", status=2)


def test_an_unquoted_name_of_two_words_is_explained(invoke: Invoke) -> None:
    """The second word was taken for the export, or for an extra argument."""
    refused = invoke("account", "Contoso", "GmbH", status=3)
    assert refused.stderr.endswith("put it in quotes: partner-certs account 'Contoso GmbH'\n")
    wrong = invoke("account", "Contoso", "GmbH", export(), status=2)
    assert "put it in quotes" in wrong.stderr
    decided = invoke("approve", "latest", "--account", "Contoso", "GmbH", "--by", "ines", status=2)
    assert "argument (GmbH). If the name has several words, put it in quotes" in decided.stderr
    assert "put it in quotes" not in invoke("account", "Contoso", "gone.csv", status=3).stderr
