"""Deciding and releasing: who may decide what, how long it holds, and what reaches ready/."""

import hashlib
import json
import multiprocessing
import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from exports.home import ledger, ready
from exports.home.layout import Home
from exports.home.status import RunStatus, run_status
from flows.review.build import review
from flows.review.decide import Action, Shown, decide, decide_shown, undo
from flows.review.reasons import ALWAYS_REASONED
from flows.review.release import refuse_if_all_passed_over, release
from flows.review.unattended import approve_unattended
from schemas.errors import NotAllowed, WrongUsage
from schemas.manifest import Manifest, ReadyRow
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, SALES, Row, person

ADA, BOB, CY = person("Ada", courses=SALES), person("Bob"), person("Cy")
TEN = [person(f"P{number}") for number in range(10)]


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


def test_approving_a_loss_needs_a_reason(home: Home) -> None:
    """For one account or among several."""
    first(home, {"1 Loses": [ADA], "2 Gains": [BOB]})
    keep_run(home, {"1 Loses": [person("Ada")], "2 Gains": [person("Bob", courses=SA)]}, number=2)
    for wish in ({"every": True}, {"accounts": ["Loses", "Gains"]}):
        with pytest.raises(WrongUsage, match=r"loses a course in Loses. .*--reason TEXT; nothing was decided"):
            decide(home, "approve", **wish, by="Jo", now=NOW)  # type: ignore[arg-type]  two kinds of wishes
    assert set(decisions(home).values()) == {"missing"}
    decide(home, "approve", accounts=["Gains"], by="Jo", now=NOW)
    decide(home, "approve", accounts=["Loses"], by="Jo", reason="it ran out", now=NOW)
    assert set(decisions(home).values()) == {"approved"}


@pytest.mark.parametrize(("people", "leave", "asked"), [(6, 3, True), (5, 3, True), (7, 3, False), (3, 2, False)])
def test_approving_that_half_of_the_people_left_needs_a_reason(
    home: Home, people: int, leave: int, *, asked: bool
) -> None:
    """The export may have lost them; below three people half is normal."""
    first(home, {"1 Shrinks": TEN[:people]})
    keep_run(home, {"1 Shrinks": TEN[leave:people]}, number=2)
    if asked:
        with pytest.raises(
            WrongUsage, match=r"Half or more of the people left Shrinks\. Approving that needs --reason"
        ):
            decide(home, "approve", every=True, by="Jo", now=NOW)
    decide(home, "approve", every=True, by="Jo", reason="reorganised" if asked else "", now=NOW)
    assert decisions(home) == {"Shrinks": "approved"}


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


def test_a_release_puts_the_approved_into_ready(home: Home) -> None:
    """In the contract's shape; every ready report has run, author and time."""
    old = first(home, {"1 Stays": [ADA], "2 Changes": [BOB], "3 Waits": [CY]})
    now = NOW + timedelta(hours=9)
    run = keep_run(home, {"1 Stays": [ADA], "2 Changes": [person("Bob", courses=SA)], "3 Waits": [BOB]}, number=2)
    decide(home, "approve", accounts=["2"], by="Di", now=now)
    new = run["reports"][1]
    assert release(home, now=now) == {
        "run": run["run"],
        "released": [{key: new[key] for key in ("account", "account_id", "file", "sha256")}],
        "removed": [],
        "passed_over": [],
        "waiting": 1,
        "ready_dir": str(home.ready),
    }
    by_jo = {"run": old["run"], "approved_by": "Jo", "approved_at": "2026-11-21T02:00:00Z"}
    assert {row["account"]: row for row in whole(home)} == {
        "Stays": {**old["reports"][0], **by_jo},
        "Changes": {**new, "run": run["run"], "approved_by": "Di", "approved_at": "2026-11-21T11:00:00Z"},
        "Waits": {**old["reports"][2], **by_jo},
    }
    line = ledger.read(home)[-1]
    assert (line["what"], line["run"], line["sha256"], line["by"]) == ("release", run["run"], new["sha256"], "Di")


@pytest.mark.parametrize("first_run", ["there", "gone"])
@pytest.mark.parametrize("damage", ["removed", "altered"])
def test_a_release_repairs_ready(home: Home, damage: str, first_run: str) -> None:
    """A run still has the approved bytes, so damage does not stop releases."""
    old = first(home, {"1 Stays": [ADA], "2 Changes": [BOB]})
    damaged = home.ready / "certifications-stays-1.csv"
    if damage == "removed":
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes() + b"more")
    keep_run(home, {"1 Stays": [ADA], "2 Changes": [CY]}, number=2)
    if first_run == "gone":
        shutil.rmtree(home.runs / old["run"])
    release_all(home)
    assert [row["account"] for row in whole(home)] == ["Changes", "Stays"]


def test_altered_bytes_without_an_original_stop_a_release(home: Home) -> None:
    """Unapproved bytes are never kept."""
    old = first(home, {"1 Stays": [ADA], "2 Changes": [BOB]})
    (home.ready / "certifications-stays-1.csv").write_bytes(b"other")
    keep_run(home, {"1 Stays": [BOB], "2 Changes": [CY]}, number=2)
    shutil.rmtree(home.runs / old["run"])
    decide(home, "approve", accounts=["2"], by="Jo", now=NOW)
    with pytest.raises(NotAllowed, match="no longer the bytes that were approved: 1"):
        release(home, now=NOW)


def test_releasing_again_changes_nothing(home: Home) -> None:
    """Whether others wait or not."""
    keep_run(home, {"1 A": [ADA], "2 B": [BOB]})
    decide(home, "approve", accounts=["1"], by="Jo", now=NOW)
    release(home, now=NOW)
    before = snapshot(home)
    repeated = release(home, now=NOW)
    assert (repeated["released"], repeated["removed"], repeated["waiting"]) == ([], [], 1)
    assert snapshot(home) == before


def test_a_release_of_nothing_approved_is_refused(home: Home) -> None:
    """With what to do; after a hold nothing waits."""
    run = keep_run(home, {"1 A": [ADA]})
    with pytest.raises(
        NotAllowed, match=f"Nothing of run {run['run']} is approved. Waiting for a decision: 1 of 1 accounts"
    ):
        release(home, now=NOW)
    decide(home, "hold", every=True, by="Jo", reason="later", now=NOW)
    assert release(home, now=NOW)["released"] == []
    assert ready.current(home) is None


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_altered_staged_bytes_release_nothing(home: Home, damage: str) -> None:
    """The other reports stay too."""
    first(home, {"1 A": [ADA]})
    run = keep_run(home, {"1 A": [BOB], "2 B": [BOB]}, number=2)
    decide(home, "approve", every=True, by="Jo", reason="so", now=NOW)
    path = home.runs / run["run"] / "reports" / run["reports"][1]["file"]
    path.write_bytes(b"altered") if damage == "altered" else path.unlink()
    before = snapshot(home)
    with pytest.raises(NotAllowed, match=r"no longer the bytes that were approved: 2\. Nothing was released"):
        release(home, now=NOW)
    assert snapshot(home) == before


def test_a_gone_account_leaves_ready_once_approved(home: Home) -> None:
    """Such an approval has no bytes; it carries over until the account is released again."""
    old = first(home, {"1 Stays": [ADA], "2 Goes": [BOB]})
    keep_run(home, {"1 Stays": [ADA]}, number=2)
    with pytest.raises(NotAllowed):
        release(home, now=NOW)
    with pytest.raises(WrongUsage, match="The report of Goes is taken out of ready/"):
        decide(home, "approve", accounts=["2"], by="Jo", now=NOW)
    done = decide(home, "approve", accounts=["2"], by="Jo", reason="left the programme", now=NOW)
    assert done["decided"] == [{"account": "Goes", "account_id": "2", "sha256": None, "what": "approve"}]
    keep_run(home, {"1 Stays": [ADA]}, number=3)
    gone = old["reports"][1]
    assert release(home, now=NOW)["removed"] == [
        {key: gone[key] for key in ("account", "account_id", "file", "sha256")}
    ]
    assert [row["account"] for row in whole(home)] == ["Stays"]
    keep_run(home, {"1 Stays": [ADA], "2 Goes": [BOB]}, number=4)
    release_all(home)
    keep_run(home, {"1 Stays": [ADA]}, number=5)
    assert decisions(home) == {"Stays": "not needed", "Goes": "missing"}


def test_a_respelled_name_is_updated_at_the_next_release(home: Home) -> None:
    """It is the same name, so no decision is needed and the approver stays. An older run does not revert it."""
    old = first(home, {"1 Acme": [ADA]})
    run = keep_run(home, {"1 ACME": [ADA]}, number=2, files={"1 ACME": "certifications-acme-2.csv"})
    assert decisions(home) == {"ACME": "not needed"}
    done = release(home, now=NOW)
    assert [one["file"] for one in done["released"]] == ["certifications-acme-2.csv"]
    spelled = {"account": "ACME", "file": "certifications-acme-2.csv"}
    jo = {"run": run["run"], "approved_by": "Jo", "approved_at": "2026-11-21T02:00:00Z"}
    assert whole(home) == [{**old["reports"][0], **spelled, **jo}]
    before = snapshot(home)
    for either in (run, old):
        assert release(home, either["run"], now=NOW)["released"] == []
    assert snapshot(home) == before


def test_an_account_known_by_name_gets_its_new_id(home: Home) -> None:
    """And keeps it if a later export lacks it."""
    first(home, {"Acme": [ADA]})
    keep_run(home, {"1 Acme": [ADA]}, number=2)
    release(home, now=NOW)
    assert [(row["account_id"], row["file"]) for row in whole(home)] == [("1", "certifications-acme-1.csv")]
    keep_run(home, {"Acme": [ADA]}, number=3)
    assert release(home, now=NOW)["released"] == []
    assert [row["account_id"] for row in whole(home)] == ["1"]


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_a_release_repairs_an_altered_ready_report(home: Home, damage: str) -> None:
    """Even if nothing else is released: a spreadsheet may have saved over it."""
    run = first(home, {"1 A": [ADA], "2 B": [BOB]})
    assert ready.altered(home) == []
    path = home.ready / run["reports"][0]["file"]
    path.write_bytes(b"altered") if damage == "altered" else path.unlink()
    assert [row["account"] for row in ready.altered(home)] == ["A"]
    decided = home.ledger.read_bytes()
    release(home, now=NOW)
    assert [row["account"] for row in whole(home)] == ["A", "B"]
    assert home.ledger.read_bytes() == decided


def test_a_refused_release_repairs_ready_too(home: Home) -> None:
    """ready/ must be right at any moment; the refusal stays one."""
    run = first(home, {"1 A": [ADA], "2 B": [BOB]})
    (home.ready / run["reports"][0]["file"]).write_bytes(b"altered")
    keep_run(home, {"1 A": [CY], "2 B": [CY]}, number=2)
    with pytest.raises(NotAllowed, match=r"is approved\. 1 altered in ready/ were restored\. Waiting"):
        release(home, now=NOW)
    assert {row["run"] for row in whole(home)} == {run["run"]}
    with pytest.raises(NotAllowed, match=r"is approved\. Waiting"):
        release(home, now=NOW)


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"reports"', b"{}", b'{"reports": {}}'])
def test_a_damaged_manifest_in_ready_stops_a_release(home: Home, damage: bytes) -> None:
    """With its path."""
    first(home, {"1 A": [ADA]})
    (home.ready / "manifest.json").write_bytes(damage)
    with pytest.raises(NotAllowed, match=r"manifest\.json is damaged"):
        release(home, now=NOW)


def test_ready_reports_without_a_manifest_stop_a_release(home: Home) -> None:
    """Otherwise they would be dropped as never approved."""
    first(home, {"1 A": [ADA]})
    (home.ready / "manifest.json").unlink()
    keep_run(home, {"1 A": [BOB]}, number=2)
    with pytest.raises(NotAllowed, match=r"its manifest\.json is gone"):
        release(home, now=NOW)


def test_names_and_reasons_must_be_utf_8(home: Home) -> None:
    """The ledger is."""
    keep_run(home, {"1 A": [ADA]})
    for words in ({"by": "J\udcfc"}, {"by": "Jo", "reason": "\udcfc"}):
        with pytest.raises(WrongUsage, match="must be UTF-8"):
            decide(home, "approve", every=True, now=NOW, **words)
    assert not home.ledger.exists()


def test_two_accounts_never_share_a_file_in_ready(home: Home) -> None:
    """A new account must wait for the name."""
    first(home, {"1 Old": [ADA]})
    keep_run(home, {"2 New": [BOB]}, number=2, files={"2 New": "CERTIFICATIONS-old-1.csv"})
    decide(home, "approve", accounts=["2"], by="Jo", now=NOW)
    with pytest.raises(NotAllowed, match="The accounts 2 and 1 would share one file name"):
        release(home, now=NOW)
    decide(home, "approve", accounts=["1"], by="Jo", reason="it became New", now=NOW)
    release(home, now=NOW)
    assert [row["account"] for row in whole(home)] == ["New"]


def test_an_older_run_does_not_replace_newer_reports(home: Home) -> None:
    """They are passed over."""
    old = keep_run(home, {"1 A": [ADA]})
    decide(home, "approve", every=True, by="Jo", now=NOW)
    keep_run(home, {"1 A": [BOB]}, number=2)
    release_all(home)
    with pytest.raises(NotAllowed):
        refuse_if_all_passed_over(release(home, old["run"], now=NOW))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("none", set()),
        ("gains", {"Few gain"}),
        ("valid", {"Few gain", "Many gain", "Loses", "Leaves", "New", "Gone"}),
    ],
)
def test_policies_of_unattended_nights(home: Home, policy: str, expected: set[str]) -> None:
    """What each approves; the ledger has it as the author."""
    labels = ("1 Few gain", "2 Many gain", "3 Loses", "4 Leaves", "5 Gone", "6 Same")
    first(home, {label: [*TEN, ADA] for label in labels})
    keep_run(
        home,
        {
            "1 Few gain": [*TEN[1:], person("P0", courses=SA, Phone="1"), ADA, BOB],
            "2 Many gain": [*TEN[3:], *(person(f"P{number}", courses=SA) for number in range(3)), ADA],
            "3 Loses": [*TEN, person("Ada")],
            "4 Leaves": TEN,
            "6 Same": [*TEN, ADA],
            "8 New": [ADA],
        },
        held=[("7 Held", 2)],
        number=2,
    )
    done = approve_unattended(home, "latest", policy, NOW)  # type: ignore[arg-type]  one of the three
    assert {one["account"] for one in done["decided"]} == expected
    assert done["waiting"] == 6 - len(expected)
    lines = [(one["by"], one["reason"]) for one in ledger.read(home) if one["run"] == done["run"]]
    assert set(lines) == ({(policy, f"--approve-unattended {policy}")} if expected else set())


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


def approve_each(root: Path, numbers: Sequence[int]) -> None:
    """One reviewer, one decision after another."""
    for number in numbers:
        decide(Home(root), "approve", accounts=[str(number)], by=f"reviewer {number}", now=NOW)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)


def first(home: Home, accounts: Mapping[str, Sequence[Row]]) -> Manifest:
    """A first run, approved by Jo and released."""
    run = keep_run(home, accounts)
    release_all(home)
    return run


def decisions(home: Home) -> dict[str, str]:
    """The decisions of the latest run, by account."""
    return {one["account"]: one["decision"] for one in review(home)["accounts"]}


def whole(home: Home) -> list[ReadyRow]:
    """The ready reports, after checking that they and nothing else are there."""
    rows = ready.rows(home)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.ready.glob("*.csv")}
    assert {row["file"]: row["sha256"] for row in rows} == files
    return rows


def snapshot(home: Home) -> tuple[str, bytes, str]:
    """Everything that a release could change."""
    return str(home.ready.resolve()), home.ledger.read_bytes(), json.dumps(whole(home))


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


def test_a_held_account_can_not_be_approved(home: Home) -> None:
    """Its fault is named, and the others are not decided either."""
    run = keep_run(home, {"1 Contoso": [ADA]}, held=[("4 Held", 2)])
    faults = home.runs / run["run"] / "faults.csv"
    faults.write_text(
        "account,account_id,row,person,user_id,column,found,rule,remedy\r\n"
        "Held,4,7,Ana <a@x.example>,,SA Verified,yes,A flag is True or False,Set it in Impartner\r\n",
        encoding="utf-8-sig",
    )
    with pytest.raises(NotAllowed, match="row 7, SA Verified: A flag is True or False") as refused:
        decide(home, "approve", accounts=["Contoso", "Held"], by="Jo", now=NOW)
    assert "Ana" not in str(refused.value)
    assert ledger.read(home) == []
    assert decide(home, "approve", every=True, by="Jo", now=NOW)["waiting"] == 0
