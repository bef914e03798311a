"""An older run never overwrites a newer one: what may be done with a run that a newer nightly follows."""

import json
from pathlib import Path
from typing import Any

import pytest

from exports.home import ledger, ready
from exports.home.layout import Home
from exports.home.status import run_status
from flows.review.build import review
from flows.review.decide import Shown, decide, decide_shown, undo
from flows.review.reasons import ALWAYS_REASONED
from flows.review.release import refuse_if_all_passed_over, release
from flows.review.unattended import approve_unattended
from schemas.errors import NotAllowed, WrongUsage
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, person

ADA, BOB, CY, DI = (person(name) for name in ("Ada", "Bob", "Cy", "Di"))
OLDER: dict[str, Any] = {"older": True, "by": "Jo", "reason": "the newer export is wrong"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)


def approve_and_release(home: Home, run: str) -> list[str]:
    """Approve and release a run; return the released accounts."""
    decide(home, "approve", run, every=True, by="Jo", reason="so", now=NOW)
    return [report["account"] for report in release(home, run, now=NOW)["released"]]


def run_of_each(home: Home) -> dict[str, str]:
    """The run of each ready report, by account."""
    return {row["account"]: row["run"] for row in ready.rows(home)}


def test_latest_is_the_last_finished_nightly_run(home: Home) -> None:
    """A later run of one account does not replace it."""
    with pytest.raises(WrongUsage, match="no nightly run"):
        home.manifest("latest")
    keep_run(home, {"1 A": [ADA]}, kind="account", number=1)
    with pytest.raises(WrongUsage, match="no nightly run"):
        home.manifest("latest")
    nightly = keep_run(home, {"1 A": [ADA]}, number=2)
    keep_run(home, {"1 A": [ADA]}, kind="account", number=3)
    assert home.manifest("latest")["run"] == nightly["run"]
    assert home.manifests()[0]["kind"] == "account"


def test_newest_is_by_end_not_by_start(home: Home) -> None:
    """A pull takes minutes, so an earlier start may end later."""
    slow, quick = keep_run(home, {"1 A": [ADA]}, number=1), keep_run(home, {"1 A": [ADA]}, number=2)
    (home.runs / slow["run"] / "manifest.json").write_text(json.dumps({**slow, "finished": "2026-12-24T00:00:00Z"}))
    assert home.manifest("latest")["run"] == slow["run"]
    assert review(home, quick["run"])["newer"] == slow["run"]
    assert review(home)["newer"] is None


@pytest.mark.parametrize("kind", ["nightly", "account"])
def test_nothing_is_decided_on_a_run_with_a_newer_nightly(home: Home, kind: str) -> None:
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


def test_a_run_of_one_account_does_not_outdate_a_nightly(home: Home) -> None:
    """The night's other accounts can still be decided."""
    night = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})["run"]
    keep_run(home, {"1 A": [CY]}, kind="account", number=2)
    assert review(home, night)["newer"] is None
    assert decide(home, "approve", night, accounts=["2"], by="Jo", now=NOW)["waiting"] == 1


def test_older_needs_a_name_and_a_reason(home: Home) -> None:
    """To approve, undo and release."""
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


def test_a_release_passes_over_newer_ready_reports(home: Home) -> None:
    """The account pulled after the night keeps its report; the others are released."""
    night = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})
    decide(home, "approve", night["run"], every=True, by="Jo", now=NOW)
    later = keep_run(home, {"1 A": [CY]}, kind="account", number=2)["run"]
    approve_and_release(home, later)
    done = release_all(home, night["run"], reason="so")
    assert [report["account"] for report in done["released"]] == ["B"]
    row = night["reports"][0]
    assert done["passed_over"] == [{key: row[key] for key in ("account", "account_id", "file", "sha256")}]
    assert run_of_each(home) == {"A": later, "B": night["run"]}
    refuse_if_all_passed_over(done)
    done = release(home, night["run"], now=NOW)
    assert (done["released"], [report["account"] for report in done["passed_over"]]) == ([], ["A"])
    with pytest.raises(NotAllowed, match=f"Nothing of run {night['run']} was released.* later: 1. .*--older"):
        refuse_if_all_passed_over(done)
    done = release(home, night["run"], now=NOW, **OLDER)
    assert ([report["account"] for report in done["released"]], done["passed_over"]) == (["A"], [])
    assert run_of_each(home) == {"A": night["run"], "B": night["run"]}
    line = ledger.read(home)[-1]
    assert (line["what"], line["by"], line["reason"]) == ("release", "Jo", OLDER["reason"])


@pytest.mark.parametrize("was_released", [False, True])
def test_yesterday_s_approval_does_not_replace_today_s_release(home: Home, was_released: bool) -> None:
    """It is passed over; --older needs no new approval."""
    old = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})["run"]
    decide(home, "approve", old, every=True, by="Jo", now=NOW)
    if was_released:
        release(home, old, now=NOW)
    new = keep_run(home, {"1 A": [CY], "2 B": [BOB]}, number=2)["run"]
    assert approve_and_release(home, new) == (["A"] if was_released else ["A", "B"])
    assert undo(home, old, now=NOW, **OLDER)["decided"] == []
    done = release(home, old, now=NOW)
    assert ([one["account"] for one in done["passed_over"]], done["released"], done["waiting"]) == (["A"], [], 0)
    assert run_of_each(home)["A"] == new
    done = release(home, old, now=NOW, **OLDER)
    assert ([one["account"] for one in done["released"]], done["passed_over"]) == (["A"], [])
    assert run_of_each(home)["A"] == old


def test_nothing_to_release_of_an_older_run_names_the_newer_one(home: Home) -> None:
    """The older one can't be decided any more."""
    old = keep_run(home, {"1 A": [ADA]})["run"]
    new = keep_run(home, {"1 A": [CY]}, number=2)["run"]
    with pytest.raises(NotAllowed, match=f"nightly run {new} has finished since.*review {new}$"):
        release(home, old, now=NOW)


def test_a_gone_account_that_came_back_is_not_removed(home: Home) -> None:
    """Its removal was approved before it was pulled and released again."""
    first = keep_run(home, {"1 A": [ADA], "2 B": [BOB]})["run"]
    approve_and_release(home, first)
    night = keep_run(home, {"1 A": [ADA]}, number=2)["run"]
    decide(home, "approve", night, every=True, by="Jo", reason="left", now=NOW)
    later = keep_run(home, {"2 B": [CY]}, kind="account", number=3)["run"]
    approve_and_release(home, later)
    done = release_all(home, night, reason="left")
    assert ([one["account"] for one in done["passed_over"]], done["removed"]) == (["B"], [])
    assert run_of_each(home)["B"] == later


def test_a_night_in_between_does_not_replace_the_newest_state(home: Home) -> None:
    """Its change was approved but not released, and was gone the next night."""
    first = keep_run(home, {"1 A": [ADA]})["run"]
    approve_and_release(home, first)
    between = keep_run(home, {"1 A": [person("Ada", courses=SA)]}, number=2)["run"]
    decide(home, "approve", between, every=True, by="Jo", now=NOW)
    keep_run(home, {"1 A": [ADA]}, number=3)
    assert [one["account"] for one in release(home, between, now=NOW)["passed_over"]] == ["A"]
    assert run_of_each(home) == {"A": first}


def test_a_report_of_a_pruned_run_is_compared_by_run_id(home: Home) -> None:
    """Ids start with the time."""
    old, new = (keep_run(home, {"1 A": [who]}, number=number) for number, who in ((1, ADA), (2, BOB)))
    approve_and_release(home, new["run"])
    for path in (home.runs / new["run"]).rglob("*.*"):
        path.unlink()
    assert home.ended(new["run"]).finished == "2026-11-23T02:00:00Z"
    decide(home, "approve", old["run"], every=True, by="Jo", reason="so", now=NOW)
    assert [one["account"] for one in release(home, old["run"], now=NOW)["passed_over"]] == ["A"]
