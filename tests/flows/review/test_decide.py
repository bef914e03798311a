"""Deciding: who may decide what, and how long it holds."""

import multiprocessing
from collections.abc import Sequence
from pathlib import Path

import pytest

from exports.home import ledger
from exports.home.layout import Home
from exports.home.status import RunStatus, run_status
from flows.review.decide import Action, Shown, decide, decide_shown, undo
from flows.review.reasons import ALWAYS_REASONED
from flows.review.release import release
from flows.review.unattended import approve_unattended
from schemas.errors import NotAllowed, WrongUsage
from tests.flows.review.deciding import ADA, BOB, CY, decisions, first
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, person


def test_an_approval_is_returned_and_recorded(home: Home) -> None:
    """In the contract's shape, with one line in the ledger."""
    run = keep_run(home, {"1 Contoso": [ADA], "Fabrikam": [BOB]})
    sha256 = run["reports"][0]["sha256"]
    assert decide(home, "approve", accounts=["contoso"], by=" Jo ", now=NOW) == {
        "run": run["run"],
        "decided": [{"account": "Contoso", "account_id": "1", "sha256": sha256, "what": "approve"}],
        "waiting": 1,
    }
    assert ledger.read(home) == [
        {
            **{"at": "2026-11-21T02:00:00Z", "what": "approve", "run": run["run"]},
            **{"account": "Contoso", "account_id": "1", "sha256": sha256, "by": "Jo", "reason": ""},
        }
    ]
    assert decisions(home) == {"Contoso": "approved", "Fabrikam": "missing"}


def test_all_means_those_still_undecided(home: Home) -> None:
    """Earlier decisions stay; deciding nothing writes nothing."""
    first(home, {"1 Same": [ADA]})
    keep_run(home, {"1 Same": [ADA], "2 New": [ADA], "3 Later": [BOB]}, held=[("4 Held", 2)], number=2)
    decide(home, "hold", accounts=["3"], by="Jo", reason="ask them", now=NOW)
    done = decide(home, "approve", every=True, by="Jo", now=NOW)
    assert ([one["account"] for one in done["decided"]], done["waiting"]) == (["New"], 0)
    before = home.ledger.read_bytes()
    repeated = decide(home, "approve", every=True, by="Jo", now=NOW)
    assert (repeated["decided"], repeated["waiting"], home.ledger.read_bytes()) == ([], 0, before)
    assert decide(home, "reject", accounts=["Same", "4"], by="Jo", reason="so", now=NOW)["decided"] == []
    assert home.ledger.read_bytes() == before


@pytest.mark.parametrize(
    ("what", "wish", "message"),
    [
        ("approve", {"accounts": ["1"], "by": " "}, "add --by WHO"),
        ("approve", {"by": "Jo"}, "--account NAME_OR_ID"),
        ("approve", {"accounts": ["1"], "every": True, "by": "Jo"}, "either --account or --all"),
        ("hold", {"accounts": ["1"], "by": "Jo"}, "To hold needs a reason"),
        ("reject", {"every": True, "by": "Jo", "reason": " "}, "To reject needs a reason"),
        ("approve", {"accounts": ["1", "Nobody"], "by": "Jo"}, "has no account 'Nobody'"),
        ("approve", {"accounts": ["1", ""], "by": "Jo"}, "has no account ''"),
        ("approve", {"accounts": ["twin"], "by": "Jo"}, "by its id: 2, 3"),
        ("approve", {"accounts": ["4"], "by": "Jo"}, "by its id: 4, 5"),
    ],
)
def test_wrong_usage_decides_nothing(home: Home, what: Action, wish: dict[str, object], message: str) -> None:
    """One unknown account stops all."""
    keep_run(home, {"1 A": [ADA], "2 Twin": [BOB], "3 Twin": [CY], "4 Four": [ADA], "5 4": [ADA]})
    with pytest.raises(WrongUsage, match=message):
        decide(home, what, **wish, now=NOW)  # type: ignore[arg-type]  the wish is checked at run time
    assert not home.ledger.exists()


def test_ids_that_differ_in_case_must_match_exactly(home: Home) -> None:
    """Otherwise they are ambiguous."""
    keep_run(home, {"aB One": [ADA], "Ab Two": [BOB]}, files={"aB One": "1.csv", "Ab Two": "2.csv"})
    assert decide(home, "approve", accounts=["Ab"], by="Jo", now=NOW)["decided"][0]["account"] == "Two"
    with pytest.raises(WrongUsage, match="aB, Ab"):
        decide(home, "approve", accounts=["AB"], by="Jo", now=NOW)


def test_an_approval_covers_these_bytes_only(home: Home) -> None:
    """In later runs too."""
    keep_run(home, {"1 Same": [ADA], "2 Other": [BOB]})
    decide(home, "approve", every=True, by="Jo", now=NOW)
    keep_run(home, {"1 Same": [ADA], "2 Other": [CY]}, number=2)
    assert decisions(home) == {"Same": "approved", "Other": "missing"}
    assert [one["account"] for one in release(home, now=NOW)["released"]] == ["Same"]


def test_returning_to_earlier_bytes_needs_a_new_approval(home: Home) -> None:
    """It may take a course from someone."""
    first(home, {"1 Contoso": [BOB]})
    keep_run(home, {"1 Contoso": [person("Bob", courses=SA)]}, number=2)
    release_all(home)
    keep_run(home, {"1 Contoso": [BOB]}, number=3)
    assert decisions(home) == {"Contoso": "missing"}


def test_a_hold_is_for_its_run_and_a_rejection_for_good(home: Home) -> None:
    """The held account waits again the next day."""
    keep_run(home, {"1 Held": [ADA], "2 Rejected": [BOB]})
    decide(home, "hold", accounts=["1"], by="Jo", reason="on holiday", now=NOW)
    decide(home, "reject", accounts=["2"], by="Jo", reason="wrong people", now=NOW)
    assert decisions(home) == {"Held": "held", "Rejected": "rejected"}
    keep_run(home, {"1 Held": [ADA], "2 Rejected": [BOB]}, number=2)
    assert decisions(home) == {"Held": "missing", "Rejected": "rejected"}
    assert approve_unattended(home, "latest", "valid", NOW)["waiting"] == 0
    assert [one["account"] for one in release(home, now=NOW)["released"]] == ["Held"]


def test_a_new_decision_replaces_and_undo_removes(home: Home) -> None:
    """Only if not released; undoing nothing writes nothing."""
    keep_run(home, {"1 A": [ADA], "2 B": [BOB], "3 C": [CY]})
    decide(home, "approve", every=True, by="Jo", now=NOW)
    decide(home, "reject", accounts=["2"], by="Jo", reason="no", now=NOW)
    assert decisions(home) == {"A": "approved", "B": "rejected", "C": "approved"}
    done = undo(home, accounts=["B"], by="Jo", now=NOW)
    assert ([(one["account"], one["what"]) for one in done["decided"]], done["waiting"]) == ([("B", "undo")], 1)
    release(home, now=NOW)
    before = home.ledger.read_bytes()
    assert undo(home, now=NOW) == {"run": done["run"], "decided": [], "waiting": 1}
    assert home.ledger.read_bytes() == before
    with pytest.raises(WrongUsage):
        undo(home, accounts=["B", "Nobody"], now=NOW)


def test_undo_keeps_earlier_runs_decisions_unless_named(home: Home) -> None:
    """A rejection of last month isn't undone in passing."""
    keep_run(home, {"1 A": [ADA], "2 B": [BOB]})
    decide(home, "reject", accounts=["1"], by="Jo", reason="no", now=NOW)
    keep_run(home, {"1 A": [ADA], "2 B": [BOB]}, number=2)
    decide(home, "approve", accounts=["2"], by="Jo", now=NOW)
    assert [one["account"] for one in undo(home, now=NOW)["decided"]] == ["B"]
    assert decisions(home) == {"A": "rejected", "B": "missing"}
    assert [one["account"] for one in undo(home, accounts=["1"], now=NOW)["decided"]] == ["A"]


def test_names_and_reasons_must_be_utf_8(home: Home) -> None:
    """The ledger is."""
    keep_run(home, {"1 A": [ADA]})
    for words in ({"by": "J\udcfc"}, {"by": "Jo", "reason": "\udcfc"}):
        with pytest.raises(WrongUsage, match="must be UTF-8"):
            decide(home, "approve", every=True, now=NOW, **words)
    assert not home.ledger.exists()


def test_concurrent_reviewers_lose_nothing(home: Home) -> None:
    """The ledger has every decision, whole."""
    keep_run(home, {f"{number} A{number}": [ADA] for number in range(8)})
    context = multiprocessing.get_context("spawn")
    reviewers = [context.Process(target=approve_each, args=(home.root, range(start, 8, 2))) for start in (0, 1)]
    for reviewer in reviewers:
        reviewer.start()
    for reviewer in reviewers:
        reviewer.join()
    assert [reviewer.exitcode for reviewer in reviewers] == [0, 0]
    assert sorted(line["account_id"] or "" for line in ledger.read(home)) == [str(number) for number in range(8)]


def test_a_page_decides_about_what_it_shows(home: Home) -> None:
    """The account is matched exactly, even with a namesake; an outdated decision is refused."""
    run = keep_run(home, {"1 Twin": [ADA], "2 Twin": [BOB]})

    def now() -> RunStatus:
        return run_status(home, home.manifest("latest"))

    def shown(place: int) -> list[Shown]:
        return [Shown(place, now().accounts[place], ALWAYS_REASONED)]

    before = shown(1)
    done = decide_shown(home, now, "approve", before, by="Jo", now=NOW)
    two = {key: run["reports"][1][key] for key in ("account", "account_id", "sha256")}
    assert (done["decided"], done["waiting"]) == ([{**two, "what": "approve"}], 1)
    with pytest.raises(NotAllowed, match="Somebody else has decided"):
        decide_shown(home, now, "hold", before, by="Jo", reason="later", now=NOW)
    with pytest.raises(WrongUsage, match="needs a reason"):
        decide_shown(home, now, "reject", shown(0), by="Jo", now=NOW)
    release(home, now=NOW)
    assert [one.decision for one in now().accounts] == ["missing", "not needed"]
    decide_shown(home, now, "hold", shown(0), by="Jo", reason="later", now=NOW)
    assert decide_shown(home, now, "undo", shown(0), by="Jo", now=NOW)["waiting"] == 1
    assert decide_shown(home, now, "undo", shown(0), by="Jo", now=NOW)["decided"] == []


def approve_each(root: Path, numbers: Sequence[int]) -> None:
    """One reviewer, one decision after another."""
    for number in numbers:
        decide(Home(root), "approve", accounts=[str(number)], by=f"reviewer {number}", now=NOW)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)
