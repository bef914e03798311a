"""An account with a new name under the same id is a change to decide about."""

from pathlib import Path

import pytest

from exports.home import ready
from exports.home.layout import Home
from flows.review.build import review
from flows.review.decide import decide
from flows.review.release import release
from flows.review.unattended import approve_unattended
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, Label, Row, person

ADA, BOB = person("Ada"), person("Bob")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a ready report of Before, id 1."""
    home = Home(tmp_path)
    keep_run(home, {"1 Before": [ADA, BOB], "Nameless": [ADA]})
    release_all(home)
    return home


def night(home: Home, label: Label, people: list[Row], number: int = 2) -> tuple[str, str | None, str]:
    """Change, former name and decision of the account after a night under this label."""
    keep_run(home, {label: people, "Nameless": [ADA]}, number=number)
    (one,) = [one for one in review(home)["accounts"] if one["account"] != "Nameless"]
    return one["change"], one["renamed_from"], one["decision"]


def test_a_rename_with_equal_bytes_needs_a_decision(home: Home) -> None:
    """It is counted and an alarm; until then the old name and file stay."""
    assert night(home, "1 After", [ADA, BOB]) == ("changed", "Before", "missing")
    result = review(home)
    assert (result["totals"]["renamed"], result["totals"]["changed"], result["totals"]["to_decide"]) == (1, 1, 1)
    assert [alarm["text"] for alarm in result["accounts"][0]["alarms"]] == ["Renamed: was Before"]
    assert [row["account"] for row in ready.rows(home)] == ["Before", "Nameless"]


def test_the_release_renames_the_file(home: Home) -> None:
    """Once approved; the old file is removed."""
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
def test_another_spelling_is_no_rename(home: Home, name: str) -> None:
    """Names are compared folded."""
    assert night(home, ("1", name), [ADA, BOB]) == ("unchanged", None, "not needed")


def test_a_renamed_account_may_have_changes_too(home: Home) -> None:
    """Both are shown."""
    assert night(home, "1 After", [ADA, person("Bob", courses=SA)]) == ("changed", "Before", "missing")
    assert review(home)["accounts"][0]["counts"]["gained"] == 1


def test_approving_one_new_name_does_not_approve_the_next(home: Home) -> None:
    """The bytes don't have the name, so another company could slip in."""
    night(home, "1 After", [ADA, BOB])
    decide(home, "approve", every=True, by="Jo", now=NOW)
    assert night(home, "1 After", [ADA, BOB], number=3) == ("changed", "Before", "approved")
    assert night(home, "1 Another", [ADA, BOB], number=4) == ("changed", "Before", "missing")


def test_bytes_approved_under_the_old_name_are_not_approved_under_a_new_one(home: Home) -> None:
    """The reviewer saw the old name."""
    gain = [ADA, person("Bob", courses=SA)]
    night(home, "1 Before", gain)
    decide(home, "approve", every=True, by="Jo", now=NOW)
    assert night(home, "1 After", gain, number=3) == ("changed", "Before", "missing")


def test_a_rejection_survives_a_rename(home: Home) -> None:
    """These bytes are never released."""
    gain = [ADA, person("Bob", courses=SA)]
    night(home, "1 Before", gain)
    decide(home, "reject", every=True, by="Jo", reason="no", now=NOW)
    assert night(home, "1 After", gain, number=3) == ("changed", "Before", "rejected")


@pytest.mark.parametrize(("policy", "decided"), [("gains", "missing"), ("valid", "approved")])
def test_the_policy_gains_approves_no_rename(home: Home, policy: str, decided: str) -> None:
    """It may be another company; only `valid` approves it."""
    night(home, "1 After", [ADA, BOB])
    approve_unattended(home, "latest", policy, NOW)  # type: ignore[arg-type]  one of the three
    assert review(home)["accounts"][0]["decision"] == decided
