"""An account that has another name under the same id: a change that a reviewer decides about."""

from pathlib import Path

import pytest

from exports.home import ready
from exports.home.layout import Home
from flows.review.build import review
from flows.review.decide import approve_unattended, decide
from flows.review.release import release
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, Label, Row, person

ADA, BOB = person("Ada"), person("Bob")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where the report of Before, id 1, is ready."""
    home = Home(tmp_path)
    keep_run(home, {"1 Before": [ADA, BOB], "Nameless": [ADA]})
    release_all(home)
    return home


def night(home: Home, label: Label, people: list[Row], number: int = 2) -> tuple[str, str | None, str]:
    """Change, former name and decision of the account after a night in which it is called so."""
    keep_run(home, {label: people, "Nameless": [ADA]}, number=number)
    (one,) = [one for one in review(home)["accounts"] if one["account"] != "Nameless"]
    return one["change"], one["renamed_from"], one["decision"]


def test_equal_bytes_under_another_name_need_a_decision(home: Home) -> None:
    """It is told as renamed, with an alarm, and counted; without one the old name and file stay."""
    assert night(home, "1 After", [ADA, BOB]) == ("changed", "Before", "missing")
    seen = review(home)
    assert (seen["totals"]["renamed"], seen["totals"]["changed"], seen["totals"]["to_decide"]) == (1, 1, 1)
    assert [alarm["text"] for alarm in seen["accounts"][0]["alarms"]] == ["Renamed: was Before"]
    assert [row["account"] for row in ready.rows(home)] == ["Before", "Nameless"]


def test_the_file_takes_the_new_name_at_the_release(home: Home) -> None:
    """Once that is approved, and the old file is gone."""
    night(home, "1 After", [ADA, BOB])
    decide(home, "approve", every=True, by="Di", now=NOW)
    assert [one["file"] for one in release(home, now=NOW)["released"]] == ["certifications-after-1.csv"]
    row = ready.rows(home)[0]
    assert (row["account"], row["file"], row["approved_by"]) == ("After", "certifications-after-1.csv", "Di")
    assert sorted(path.name for path in home.ready.glob("*.csv")) == [
        "certifications-after-1.csv",
        "certifications-nameless-none.csv",
    ]
    assert night(home, "1 After", [ADA, BOB], number=3) == ("unchanged", None, "not needed")


@pytest.mark.parametrize("name", ["BEFORE", " before ", "Be\u200bfore"])
def test_the_same_name_in_another_spelling_is_none(home: Home, name: str) -> None:
    """Names are compared as accounts are told apart by them."""
    assert night(home, ("1", name), [ADA, BOB]) == ("unchanged", None, "not needed")


def test_a_renamed_account_may_have_changed_too(home: Home) -> None:
    """Both are told."""
    assert night(home, "1 After", [ADA, person("Bob", courses=SA)]) == ("changed", "Before", "missing")
    assert review(home)["accounts"][0]["counts"]["gained"] == 1


def test_an_approval_of_one_new_name_is_none_of_the_next(home: Home) -> None:
    """Bytes don't hold the name: another company under the same id would come in unseen."""
    night(home, "1 After", [ADA, BOB])
    decide(home, "approve", every=True, by="Jo", now=NOW)
    assert night(home, "1 After", [ADA, BOB], number=3) == ("changed", "Before", "approved")
    assert night(home, "1 Another", [ADA, BOB], number=4) == ("changed", "Before", "missing")


def test_changed_bytes_approved_under_the_old_name_are_not_approved_under_a_new_one(home: Home) -> None:
    """The reviewer saw the old name."""
    gain = [ADA, person("Bob", courses=SA)]
    night(home, "1 Before", gain)
    decide(home, "approve", every=True, by="Jo", now=NOW)
    assert night(home, "1 After", gain, number=3) == ("changed", "Before", "missing")


def test_a_rejection_stays_whatever_the_name_is(home: Home) -> None:
    """Never these bytes."""
    gain = [ADA, person("Bob", courses=SA)]
    night(home, "1 Before", gain)
    decide(home, "reject", every=True, by="Jo", reason="no", now=NOW)
    assert night(home, "1 After", gain, number=3) == ("changed", "Before", "rejected")


@pytest.mark.parametrize(("policy", "decided"), [("gains", "missing"), ("valid", "approved")])
def test_the_policy_gains_lets_no_rename_through(home: Home, policy: str, decided: str) -> None:
    """A name that may be another company's is looked at by somebody, unless everything valid is let through."""
    night(home, "1 After", [ADA, BOB])
    approve_unattended(home, "latest", policy, NOW)  # type: ignore[arg-type]  one of the three
    assert review(home)["accounts"][0]["decision"] == decided
