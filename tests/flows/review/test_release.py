"""Releasing: what reaches ready/, and what stops it."""

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from exports.home import ledger, ready
from exports.home.layout import Home
from flows.review.decide import decide
from flows.review.release import refuse_if_all_passed_over, release
from schemas.errors import NotAllowed, WrongUsage
from schemas.manifest import ReadyRow
from tests.flows.review.deciding import ADA, BOB, CY, decisions, first
from tests.flows.review.folders import NOW, keep_run, release_all
from tests.people import SA, person


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


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)


def whole(home: Home) -> list[ReadyRow]:
    """The ready reports, after checking that they and nothing else are there."""
    rows = ready.rows(home)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.ready.glob("*.csv")}
    assert {row["file"]: row["sha256"] for row in rows} == files
    return rows


def snapshot(home: Home) -> tuple[str, bytes, str]:
    """Everything that a release could change."""
    return str(home.ready.resolve()), home.ledger.read_bytes(), json.dumps(whole(home))
