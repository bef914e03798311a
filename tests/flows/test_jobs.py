"""Releasing an account's run immediately."""

from collections.abc import Sequence
from pathlib import Path

from exports.home import ledger
from exports.home.layout import Home
from flows.approvals import OnDemand, release_on_demand, run_release
from flows.jobs import run_account
from flows.settings import Settings
from tests.exporting import csv_of
from tests.people import SALES, Row, person

ADA, BOB = person("Ada", courses=SALES), person("Bob")


def on_demand(home: Path, rows: Sequence[Row], reason: str = "") -> OnDemand:
    """Run the account of these rows and have Jo approve it."""
    export = home.with_name("export.csv")
    export.write_bytes(csv_of(rows))
    settings = Settings(home)
    return release_on_demand(settings, run_account(settings, "1", export), "Jo", reason)


def ready(home: Path) -> list[bytes]:
    """The ready reports."""
    return [path.read_bytes() for path in (home / "ready").glob("*.csv")]


def test_a_loss_is_released_only_with_a_reason(tmp_path: Path) -> None:
    """Which the ledger records; anything else needs none."""
    home = tmp_path / "home"
    first = on_demand(home, [ADA, BOB])
    assert first.release
    assert [row["account_id"] for row in first.release["released"]] == ["1"]
    before = ready(home)
    lost = on_demand(home, [person("Ada"), BOB])
    assert (lost.release, lost.needs_reason) == (None, "Somebody loses a course in this account")
    blank = on_demand(home, [person("Ada"), BOB], "  ")
    assert blank.release is None
    assert ready(home) == before
    given = on_demand(home, [person("Ada"), BOB], "expired")
    assert given.release
    assert given.needs_reason == ""
    assert ready(home) != before
    assert [line["reason"] for line in ledger.read(Home(home)) if line["what"] == "approve"] == ["", "expired"]


def test_a_held_account_is_not_released(tmp_path: Path) -> None:
    """With a reason or not: it has no report."""
    held = on_demand(tmp_path / "home", [person("Ada", SA_Verified="yes")], "expired")
    assert (held.outcome.status, held.release, held.needs_reason) == ("held", None, "")


def test_an_equal_report_has_nothing_to_release(tmp_path: Path) -> None:
    """Nothing is decided, and ready/ stays."""
    on_demand(tmp_path / "home", [ADA])
    repeated = on_demand(tmp_path / "home", [ADA])
    assert repeated.release
    assert repeated.release["released"] == []


def test_a_release_knows_rows_and_changes(tmp_path: Path) -> None:
    """For Prefect's page."""
    home = tmp_path / "home"
    requested = on_demand(home, [ADA, BOB])
    released = run_release(Settings(home), requested.outcome.run)
    assert released.reports == {"certifications-contoso-1.csv": (2, "new")}
    assert released.run_dir == home / "runs" / requested.outcome.run
