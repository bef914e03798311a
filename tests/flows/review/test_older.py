"""Yesterday never overwrites today: what a run may do that a newer nightly run follows."""

import json
from pathlib import Path
from typing import Any

import pytest

from exports.home import ledger, ready
from exports.home.layout import Home
from exports.home.status import run_status
from flows.review.build import review
from flows.review.decide import ALWAYS_REASONED, Shown, approve_unattended, decide, decide_shown, undo
from flows.review.release import refuse_if_all_passed_over, release
from schemas.errors import NotAllowed, WrongUsage
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, person

ADA, BOB, CY, DI = (person(name) for name in ("Ada", "Bob", "Cy", "Di"))
OLDER: dict[str, Any] = {"older": True, "by": "Jo", "reason": "the newer export is wrong"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)


def released(home: Home, run: str) -> list[str]:
    """The accounts that a release of everything in a run brings in."""
    decide(home, "approve", run, every=True, by="Jo", reason="so", now=NOW)
    return [report["account"] for report in release(home, run, now=NOW)["released"]]


def names(home: Home) -> dict[str, str]:
    """Which run each ready report is from, by account."""
    return {row["account"]: row["run"] for row in ready.rows(home)}


def test_latest_is_the_nightly_run_that_finished_last(home: Home) -> None:
    """A run of one account that comes after it never takes its place."""
    with pytest.raises(WrongUsage, match="no nightly run"):
        home.manifest("latest")
    keep_run(home, {"1 A": [ADA]}, kind="account", number=1)
    with pytest.raises(WrongUsage, match="no nightly run"):
        home.manifest("latest")
    nightly = keep_run(home, {"1 A": [ADA]}, number=2)
    keep_run(home, {"1 A": [ADA]}, kind="account", number=3)
    assert home.manifest("latest")["run"] == nightly["run"]
    assert home.manifests()[0]["kind"] == "account"


def test_what_ended_last_is_newest_whatever_started_last(home: Home) -> None:
    """A pull takes minutes: a run that started earlier may be the newer one."""
    slow, quick = keep_run(home, {"1 A": [ADA]}, number=1), keep_run(home, {"1 A": [ADA]}, number=2)
    (home.runs / slow["run"] / "manifest.json").write_text(json.dumps({**slow, "finished": "2026-12-24T00:00:00Z"}))
    assert home.manifest("latest")["run"] == slow["run"]
    assert review(home, quick["run"])["newer"] == slow["run"]
    assert review(home)["newer"] is None


@pytest.mark.parametrize("kind", ["nightly", "account"])
def test_nothing_is_decided_about_a_run_that_a_newer_nightly_follows(home: Home, kind: str) -> None:
    """The refusal names the newer one; nothing is written."""
    old = keep_run(home, {"1 A": [ADA], "2 B": [BOB]}, kind=kind)["run"]
    decide(home, "approve", old, accounts=["1"], by="Jo", now=NOW)
    before = home.ledger.read_bytes()
    new = keep_run(home, {"1 A": [ADA]}, number=2)["run"]
    assert (review(home, old)["newer"], review(home, new)["newer"]) == (new, None)
    status = run_status(home, home.manifest(old))
    shown = [Shown(1, status.accounts[1], ALWAYS_REASONED)]
    for what in ("approve", "hold", "reject"):
        with pytest.raises(NotAllowed, match=f"nightly run {new} has finished since"):
            decide(home, what, old, accounts=["2"], by="Jo", reason="so", now=NOW)  # type: ignore[arg-type]
        with pytest.raises(NotAllowed, match=f"nightly run {new} has finished since"):
            decide_shown(home, lambda: status, what, shown, by="Jo", reason="so", now=NOW)  # type: ignore[arg-type]  one of the four
    with pytest.raises(NotAllowed, match=f"nightly run {new} has finished since"):
        undo(home, old, by="Jo", now=NOW)
    assert approve_unattended(home, old, "valid", NOW)["decided"] == []
    assert home.ledger.read_bytes() == before


def test_a_run_of_one_account_makes_no_nightly_run_old(home: Home) -> None:
    """The night's other accounts still wait for their reviewer."""
    night = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})["run"]
    keep_run(home, {"1 A": [CY]}, kind="account", number=2)
    assert review(home, night)["newer"] is None
    assert decide(home, "approve", night, accounts=["2"], by="Jo", now=NOW)["waiting"] == 1


def test_an_older_run_is_decided_about_with_a_name_and_a_reason(home: Home) -> None:
    """Who overrules the newest truth says so."""
    old = keep_run(home, {"1 A": [ADA]})["run"]
    keep_run(home, {"1 A": [BOB]}, number=2)
    for missing in ({"by": "Jo"}, {"by": "Jo", "reason": "  "}):
        with pytest.raises(WrongUsage, match="--older needs --by WHO and --reason TEXT"):
            decide(home, "approve", old, every=True, older=True, now=NOW, **missing)
        with pytest.raises(WrongUsage, match="--older needs --by WHO and --reason TEXT"):
            undo(home, old, older=True, now=NOW, **missing)
        with pytest.raises(WrongUsage, match="--older needs --by WHO and --reason TEXT"):
            release(home, old, older=True, now=NOW, **missing)
    decide(home, "approve", old, every=True, now=NOW, **OLDER)
    undo(home, old, now=NOW, **OLDER)
    lines = [(line["what"], line["by"], line["reason"]) for line in ledger.read(home)]
    assert lines == [(what, "Jo", OLDER["reason"]) for what in ("approve", "undo")]


def test_a_release_passes_over_what_is_ready_from_a_later_run(home: Home) -> None:
    """The account that was pulled after the night keeps its newer report; the others come in."""
    night = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})
    decide(home, "approve", night["run"], every=True, by="Jo", now=NOW)
    later = keep_run(home, {"1 A": [CY]}, kind="account", number=2)["run"]
    released(home, later)
    done = release_all(home, night["run"], reason="so")
    assert [report["account"] for report in done["released"]] == ["B"]
    row = night["reports"][0]
    assert done["passed_over"] == [{key: row[key] for key in ("account", "account_id", "file", "sha256")}]
    assert names(home) == {"A": later, "B": night["run"]}
    refuse_if_all_passed_over(done)
    done = release(home, night["run"], now=NOW)
    assert (done["released"], [report["account"] for report in done["passed_over"]]) == ([], ["A"])
    with pytest.raises(NotAllowed, match=f"Nothing of run {night['run']} was released.* later: 1. .*--older"):
        refuse_if_all_passed_over(done)
    done = release(home, night["run"], now=NOW, **OLDER)
    assert ([report["account"] for report in done["released"]], done["passed_over"]) == (["A"], [])
    assert names(home) == {"A": night["run"], "B": night["run"]}
    line = ledger.read(home)[-1]
    assert (line["what"], line["by"], line["reason"]) == ("release", "Jo", OLDER["reason"])


@pytest.mark.parametrize("was_released", [False, True])
def test_yesterdays_approval_does_not_replace_what_is_released_today(home: Home, was_released: bool) -> None:
    """Released or not, it is passed over and named; who overrules the newer report needs not approve once more."""
    old = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})["run"]
    decide(home, "approve", old, every=True, by="Jo", now=NOW)
    if was_released:
        release(home, old, now=NOW)
    new = keep_run(home, {"1 A": [CY], "2 B": [BOB]}, number=2)["run"]
    assert released(home, new) == (["A"] if was_released else ["A", "B"])
    assert undo(home, old, now=NOW, **OLDER)["decided"] == []
    done = release(home, old, now=NOW)
    assert ([one["account"] for one in done["passed_over"]], done["released"], done["waiting"]) == (["A"], [], 0)
    assert names(home)["A"] == new
    done = release(home, old, now=NOW, **OLDER)
    assert ([one["account"] for one in done["released"]], done["passed_over"]) == (["A"], [])
    assert names(home)["A"] == old


def test_nothing_to_release_of_an_older_run_names_the_newer_one(home: Home) -> None:
    """Its own accounts can't be decided about any more."""
    old = keep_run(home, {"1 A": [ADA]})["run"]
    new = keep_run(home, {"1 A": [CY]}, number=2)["run"]
    with pytest.raises(NotAllowed, match=f"nightly run {new} has finished since.*review {new}$"):
        release(home, old, now=NOW)


def test_a_gone_account_that_came_back_is_not_taken_out(home: Home) -> None:
    """It was gone in the night, its removal was approved, and in the morning it was pulled and released."""
    first = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})["run"]
    released(home, first)
    night = keep_run(home, {"1 A": [ADA]}, number=2)["run"]
    decide(home, "approve", night, every=True, by="Jo", reason="left", now=NOW)
    later = keep_run(home, {"2 B": [CY]}, kind="account", number=3)["run"]
    released(home, later)
    done = release_all(home, night, reason="left")
    assert ([one["account"] for one in done["passed_over"]], done["removed"]) == (["B"], [])
    assert names(home)["B"] == later


def test_what_the_newest_night_has_still_is_not_replaced_by_a_night_between(home: Home) -> None:
    """The change of one night was approved, not released, and was gone again in the next."""
    first = keep_run(home, {"1 A": [ADA]})["run"]
    released(home, first)
    between = keep_run(home, {"1 A": [person("Ada", courses=SA)]}, number=2)["run"]
    decide(home, "approve", between, every=True, by="Jo", now=NOW)
    keep_run(home, {"1 A": [ADA]}, number=3)
    assert [one["account"] for one in release(home, between, now=NOW)["passed_over"]] == ["A"]
    assert names(home) == {"A": first}


def test_a_report_of_a_run_that_was_removed_is_compared_by_its_id(home: Home) -> None:
    """`prune` and people remove runs; ids begin with the time."""
    old, new = (keep_run(home, {"1 A": [who]}, number=number) for number, who in ((1, ADA), (2, BOB)))
    released(home, new["run"])
    for path in (home.runs / new["run"]).rglob("*.*"):
        path.unlink()
    assert home.ended(new["run"]).finished == "2026-11-23T02:00:00Z"
    decide(home, "approve", old["run"], every=True, by="Jo", reason="so", now=NOW)
    assert [one["account"] for one in release(home, old["run"], now=NOW)["passed_over"]] == ["A"]
