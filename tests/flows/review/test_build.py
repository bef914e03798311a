"""The review of a run, built from manifests, reports and the ledger."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from exports.home import ready
from exports.home.layout import Home
from flows.review import compare
from flows.review.build import review
from flows.review.listed import listed as listed_changes
from schemas.errors import NotAllowed, WrongUsage
from schemas.manifest import Manifest
from schemas.review import Review
from tests.flows.review.folders import keep_run, release_all
from tests.people import PSE21, SA, SALES, Row, person

UNDECIDED = {"decision": "missing", "by": "", "at": "", "reason": ""}
EMPTY: dict[str, list[object]] = {"joined": [], "left": [], "gained": [], "lost": [], "details": []}


def test_a_first_run_has_new_and_held_accounts(home: Home) -> None:
    """The public keys are those of the contract."""
    people = [person("Ada", courses=SALES), person("Bob")]
    run = keep_run(home, {"1 Contoso": people, "Fabrikam": [person("Cy")]}, held=[("7 Held", 3)])
    result = review(home)
    assert (result["run"], result["page"]) == (run["run"], str(home.runs / run["run"] / "review.html"))
    assert result["totals"] == {
        **{"accounts": 3, "new": 2, "changed": 0, "unchanged": 0, "held": 1, "gone": 0, "renamed": 0},
        **{"joined": 3, "left": 0, "gained": 0, "lost": 0, "details": 0, "to_decide": 2},
    }
    contoso, fabrikam, held = accounts(result)
    assert contoso == {
        **{"account": "Contoso", "account_id": "1", "change": "new", "renamed_from": None, **UNDECIDED},
        **{"sha256": run["reports"][0]["sha256"], "before": None},
        **EMPTY,
        "joined": [
            {"name": "Ada", "email": "ada@example.com", "courses": [SALES]},
            {"name": "Bob", "email": "bob@example.com", "courses": []},
        ],
        "alarms": [{"severity": 8, "kind": "new", "text": "First report of this account: 2 people"}],
        **{"file": "certifications-contoso-1.csv", "rows": 2, "rows_before": 0, "faults": 0, "guarded": 0},
    }
    assert (fabrikam["account"], fabrikam["account_id"]) == ("Fabrikam", None)
    assert held == {
        **{"account": "Held", "account_id": "7", "change": "held", "renamed_from": None, **UNDECIDED},
        "decision": "not needed",
        **{"sha256": None, "before": None},
        **EMPTY,
        "alarms": [],
        **{"file": None, "rows": 3, "rows_before": 0, "faults": 1, "guarded": 0},
    }
    facts = (
        result["kind"],
        result["started"],
        result["source"],
        result["rows_read"],
        result["written"],
        result["held_rows"],
    )
    assert facts == ("nightly", "2026-11-22T02:00:00Z", "export.csv", 6, 3, 3)


def test_a_second_run_is_compared_with_ready(home: Home) -> None:
    """Every kind of change, losses first; equal reports need no decision."""
    ada, bob = person("Ada", courses=SALES), person("Bob", **{"Phone": "1"})
    approved(
        home,
        {"1 Alpha": [ada, bob], "2 Beta": [ada], "3 Gone": [ada], "4 Held": [ada], "5 Omega": [ada, person("Bob")]},
    )
    changed = [person("Ada", courses=SA), person("Bob", Phone="=2", **{"Mailing City": "Öhringen"})]
    keep_run(
        home,
        {"1 Alpha": [ada, bob, person("Di")], "2 Beta": [ada], "5 Omega": changed},
        held=[("4 Held", 1)],
        number=2,
        guarded=[("Omega", "5", "3", "Phone", "'=2")],
    )
    result = review(home)
    assert result["totals"] == {
        **{"accounts": 4, "new": 0, "changed": 2, "unchanged": 1, "held": 1, "gone": 1, "renamed": 0},
        **{"joined": 1, "left": 1, "gained": 1, "lost": 1, "details": 2, "to_decide": 3},
    }
    order = [(one["account"], one["change"], one["decision"]) for one in result["accounts"]]
    assert order == [
        ("Omega", "changed", "missing"),
        ("Gone", "gone", "missing"),
        ("Alpha", "changed", "missing"),
        ("Beta", "unchanged", "not needed"),
        ("Held", "held", "not needed"),
    ]
    omega, gone, alpha, beta, held = accounts(result)
    who = {"name": "Ada", "email": "ada@example.com"}
    assert (omega["lost"], omega["gained"]) == ([{**who, "course": SALES}], [{**who, "course": SA}])
    bob_now = {"name": "Bob", "email": "bob@example.com"}
    assert omega["details"] == [
        {**bob_now, "field": "Mailing City", "before": "", "after": "Öhringen"},
        {**bob_now, "field": "Phone", "before": "", "after": "=2"},
    ]
    assert [alarm["kind"] for alarm in omega["alarms"]] == ["lost", "guarded"]
    assert omega["guarded"] == 1
    assert gone["left"] == [{**who, "courses": [SALES]}]
    assert (gone["sha256"], gone["before"] is not None) == (None, True)
    assert alpha["joined"] == [{"name": "Di", "email": "di@example.com", "courses": []}]
    assert beta["sha256"] == beta["before"]
    assert held["before"] is not None
    assert [group["text"] for group in result["groups"]] == [
        "Sales Core Training lost by 1 person in 1 account",
        "Solution Architect Core Training gained by 1 person in 1 account",
        "Mailing City changed for 1 person in 1 account",
        "Phone changed for 1 person in 1 account",
        "1 person joined in 1 account",
        "1 person left in 1 account",
    ]
    assert result["alarms"] == []


def test_a_run_of_one_account_ignores_the_others(home: Home) -> None:
    """None is gone, and fewer rows are no alarm."""
    approved(home, {"1 Alpha": [person("Ada")], "2 Beta": [person("Bob")]})
    run = keep_run(home, {"1 Alpha": [person("Ada", courses=SA)]}, number=2, kind="account")
    result = review(home, run["run"])
    assert [(one["account"], one["change"]) for one in result["accounts"]] == [("Alpha", "changed")]
    assert (result["totals"]["gone"], result["alarms"]) == (0, [])


def test_fewer_rows_than_ready_raise_an_alarm(home: Home) -> None:
    """Half of the export is missing."""
    approved(home, {"1 Alpha": [person("Ada")], "2 Beta": [person("Bob")]})
    keep_run(home, {"1 Alpha": [person("Ada")]}, number=2)
    text = "Fewer rows than approved last: 1 read, 2 are ready"
    assert review(home)["alarms"] == [{"severity": 4, "kind": "fewer", "text": text}]


def test_another_profile_changes_no_person(home: Home) -> None:
    """Other separators are other bytes; quoted ones are data."""
    people = [person("Ada, the first; of many", "ada@example.com", Phone="1\r\n2")]
    approved(home, {"1 Alpha": people})
    keep_run(home, {"1 Alpha": people}, number=2, separator=";")
    (alpha,) = accounts(review(home))
    assert (alpha["change"], alpha["decision"]) == ("changed", "missing")
    assert {kind: alpha[kind] for kind in EMPTY} == EMPTY


def test_a_report_with_fewer_courses_can_be_compared(home: Home) -> None:
    """A missing heading is blank, so people gain the course."""
    run = approved(home, {"1 Alpha": [person("Ada", courses=SALES)]})
    old = home.ready / run["reports"][0]["file"]
    lines = [line.rsplit(b",", 1)[0] + b"\r\n" for line in old.read_bytes().splitlines()]
    rewrite_ready(home, b"".join(lines))
    keep_run(home, {"1 Alpha": [person("Ada", courses=f"{SALES}|{PSE21}")]}, number=2)
    (alpha,) = accounts(review(home))
    assert alpha["gained"] == [{"name": "Ada", "email": "ada@example.com", "course": PSE21}]


def test_accounts_are_matched_by_id_or_else_by_name(home: Home) -> None:
    """A new name under an id is a change, other letter case is not; a new id is a new account."""
    approved(home, {"1 Alpha": [person("Ada")], "straße": [person("Bob")], "2 Twin": [person("Cy")]})
    keep_run(home, {"1 Renamed": [person("Ada")], "STRASSE": [person("Bob")], "3 Twin": [person("Cy")]}, number=2)
    assert {(one["account"], one["account_id"], one["change"]) for one in review(home)["accounts"]} == {
        ("Renamed", "1", "changed"),
        ("STRASSE", None, "unchanged"),
        ("Twin", "3", "new"),
        ("Twin", "2", "gone"),
    }


def test_an_export_without_ids_matches_by_name(home: Home) -> None:
    """Unless several accounts have the name."""
    approved(home, {"1 Alpha": [person("Ada")], "2 Twin": [person("Bob")], "3 Twin": [person("Cy")]})
    run = keep_run(home, {"alpha": [person("Ada")], "Twin": [person("Bob")]}, number=2, kind="account")
    assert {(one["account"], one["change"]) for one in review(home, run["run"])["accounts"]} == {
        ("alpha", "unchanged"),
        ("Twin", "new"),
    }


def test_many_people_of_new_accounts_are_only_counted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the page of a first night; `review --json` lists them."""
    monkeypatch.setattr(compare, "LISTED", 2)
    keep_run(home, {"1 Alpha": [person("Ada"), person("Bob")], "2 Beta": [person("Cy")]})
    few, every = review(home, people_of_new=False), review(home)
    assert few["totals"] == every["totals"]
    assert few["groups"] == every["groups"]
    assert [len(one["joined"]) for one in accounts(few)] == [0, 0]
    assert [len(one["joined"]) for one in accounts(every)] == [2, 1]


def test_a_night_without_changes_reads_only_manifests(home: Home) -> None:
    """No report, no ledger."""
    approved(home, {"1 Alpha": [person("Ada")]})
    run = keep_run(home, {"1 Alpha": [person("Ada")]}, number=2)
    shutil.rmtree(home.runs / run["run"] / "reports")
    home.ledger.write_text("not read\n")
    assert review(home)["totals"]["unchanged"] == 1


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_an_altered_or_missing_staged_report_is_refused(home: Home, damage: str) -> None:
    """A reviewer must see the bytes that the decision is about."""
    run = keep_run(home, {"1 Alpha": [person("Ada")]})
    path = home.runs / run["run"] / "reports" / run["reports"][0]["file"]
    if damage == "altered":
        path.write_bytes(path.read_bytes() + b"x")
    else:
        path.unlink()
    words = "was altered after it was written" if damage == "altered" else "is gone"
    with pytest.raises(NotAllowed, match=f"The report of account 1 in .* {words}. Put it back, or start a new run"):
        review(home)


def test_an_altered_ready_report_is_compared_as_approved(home: Home) -> None:
    """Its run still has the bytes."""
    run = approved(home, {"1 Alpha": [person("Ada")]})
    (home.ready / run["reports"][0]["file"]).write_bytes(b"altered")
    keep_run(home, {"1 Alpha": [person("Ada", courses=SA)]}, number=2)
    assert accounts(review(home))[0]["gained"] == [{"name": "Ada", "email": "ada@example.com", "course": SA}]


def test_an_unknown_run_is_wrong_usage(home: Home) -> None:
    """`latest` too, before the first run."""
    with pytest.raises(WrongUsage):
        review(home)
    keep_run(home, {"1 Alpha": [person("Ada")]})
    with pytest.raises(WrongUsage):
        review(home, "never")


def accounts(result: Review) -> list[dict[str, Any]]:
    """The accounts of a review with their changes, which match the counts."""
    changes = listed_changes(result["changes"])
    changed = [(dict(one), changes[one["index"]]) for one in result["accounts"]]
    for account, listed in changed:
        assert account.pop("counts") == {kind: len(each) for kind, each in dict(listed).items()}
        account.pop("index")
        account.pop("needs_reason")
    return [account | listed for account, listed in changed]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)


def approved(home: Home, accounts: Mapping[str, Sequence[Row]]) -> Manifest:
    """A first run, approved and released."""
    run = keep_run(home, accounts)
    release_all(home)
    return run


def rewrite_ready(home: Home, data: bytes) -> None:
    """Replace the only ready report, as if approved like that."""
    (row,) = ready.rows(home)
    (home.ready / row["file"]).write_bytes(data)
    row["sha256"] = hashlib.sha256(data).hexdigest()
    (home.ready / "manifest.json").write_text(json.dumps({"reports": [row]}))
