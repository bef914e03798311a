"""Certifying and the run it leaves: its manifest, its start, and nothing if it fails."""

import hashlib
import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exports.home import layout as home_module
from exports.home.layout import Home
from flows.certify import Job, certify, import_steps
from flows.reuse import certify_or_repeat
from schemas.columns import fingerprint
from schemas.errors import NotAllowed
from tests.exporting import certified, export_of, faults_of, run_dir
from tests.flows.review.folders import release_all
from tests.people import Row, person

OTHER = person("Cy", Account_ID="2", Account_Name="Fabrikam")


def test_the_manifest(tmp_path: Path) -> None:
    """Others rely on its shape."""
    rows = [OTHER, person(Phone="=1"), person("Bob"), person("Di", Email="", Account_ID=None, Account_Name="Held")]
    outcome = certified(rows, tmp_path)
    folder = run_dir(outcome)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest == outcome.manifest
    promised = ["run", "kind", "started", "finished", "columns", "source", "totals", "reports", "held"]
    assert [key for key in manifest if key in promised] == promised
    assert re.fullmatch(r"\d{8}T\d{6}Z-nightly-[0-9a-f]{6}", manifest["run"])
    assert folder == tmp_path / "runs" / manifest["run"]
    for time in ("started", "finished"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", manifest[time])
    assert manifest["kind"] == "nightly"
    assert manifest["columns"] == fingerprint()
    assert manifest["source"] == {
        "kind": "file", "name": "export.csv", "sha256": "0" * 64, "rows": 4, "encoding": None, "sheet": None
    }  # fmt: skip
    assert manifest["totals"] == {
        "accounts": 3, "written": 2, "held": 1, "people": 3, "rows_read": 4, "guarded_cells": 1
    }  # fmt: skip
    assert [report["account"] for report in manifest["reports"]] == ["Contoso", "Fabrikam"]
    for report in manifest["reports"]:
        data = (folder / "reports" / report["file"]).read_bytes()
        assert list(report) == ["account", "account_id", "file", "rows", "bytes", "sha256", "change"]
        assert report["bytes"] == len(data)
        assert report["sha256"] == hashlib.sha256(data).hexdigest()
        assert report["change"] == "new"
    assert manifest["held"] == [{"account": "Held", "account_id": None, "rows": 1, "faults": 1}]


def test_a_run_of_one_account_covers_only_it(tmp_path: Path) -> None:
    """`rows_read` are its rows; `source` is the whole file."""
    rows = [OTHER, person(), person("Bob"), person("Di", Email="", Account_ID="3", Account_Name="Held")]
    outcome = certified(rows, tmp_path, kind="account", account="contoso")
    assert outcome.manifest is not None
    assert outcome.manifest["kind"] == "account"
    assert "-account-" in outcome.run
    assert outcome.manifest["source"]["rows"] == 4
    assert outcome.manifest["held"] == []
    assert outcome.totals == {
        "accounts": 1, "written": 1, "held": 0, "people": 2, "rows_read": 2, "guarded_cells": 0
    }  # fmt: skip
    assert outcome.faults.is_empty()


@pytest.mark.parametrize("stage", ["read", "check", "shape", "write", "keep"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt, OSError, MemoryError])
def test_a_failed_run_leaves_nothing(stage: str, problem: type[BaseException], tmp_path: Path) -> None:
    """Neither a run nor staging, and the lock is free."""

    def broken(name: str, function: object, /, *args: object, **kwargs: object) -> object:
        assert callable(function)
        result = function(*args, **kwargs)
        if name == stage:
            raise problem
        return result

    job = Job("nightly", lambda: export_of([person()]))
    with pytest.raises(problem):
        certify(job, Home(tmp_path), broken)  # type: ignore[arg-type]  # a Step is generic
    assert [path for path in tmp_path.rglob("*") if path.name not in ("runs", ".lock")] == []
    assert certified([person()], tmp_path).status == "complete"


def test_check_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a folder."""
    monkeypatch.chdir(tmp_path)
    outcome = certify(Job("nightly", lambda: export_of([person(Phone="=1"), OTHER | {"Email": ""}])), None)
    assert outcome.totals == {
        "accounts": 2, "written": 1, "held": 1, "people": 1, "rows_read": 2, "guarded_cells": 1
    }  # fmt: skip
    assert faults_of(outcome) == [("Fabrikam", 3, "Email")]
    assert (outcome.manifest, outcome.run_dir, outcome.run) == (None, None, "")
    assert list(tmp_path.iterdir()) == []


def test_a_second_writer_waits_and_is_then_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds by default; it leaves nothing."""
    assert home_module.LOCK_SECONDS == 10
    monkeypatch.setattr(home_module, "LOCK_SECONDS", 0.05)
    with Home(tmp_path).writing(), pytest.raises(NotAllowed, match="Another run is writing"):
        certified([person()], tmp_path)
    assert not (tmp_path / "runs").exists()


def test_latest_is_right_even_within_a_second(tmp_path: Path) -> None:
    """Manifests have whole seconds, and ids are random."""
    home = Home(tmp_path)
    for _ in range(6):
        outcome = certified([person()], tmp_path)
        assert home.manifest("latest")["run"] == outcome.run
    assert len(home.manifests()) == 6


def test_a_run_starts_when_it_was_requested(tmp_path: Path) -> None:
    """Not when the export is there, as a pull takes minutes. Its id says the same."""
    job = Job("nightly", lambda: export_of([person()]), started="2026-11-21T02:00:00Z")
    for certified_ in (certify, certify_or_repeat):
        outcome = certified_(job, Home(tmp_path))
        assert outcome.manifest is not None
        assert outcome.manifest["started"] == "2026-11-21T02:00:00Z" < outcome.manifest["finished"]
        assert outcome.run.startswith("20261121T020000Z-nightly-")


def test_the_source_s_notices_are_kept(tmp_path: Path) -> None:
    """Such as which sheet was read."""
    export = export_of([person()])
    job = Job("nightly", lambda: type(export)(export.frame, "file", "a.xlsx", "1" * 64, ("Sheet 2 was read",)))
    outcome = certify(job, Home(tmp_path))
    assert outcome.notices == ("Sheet 2 was read",)
    assert outcome.manifest is not None
    assert outcome.manifest["source"]["name"] == "a.xlsx"


def test_a_report_is_new_changed_or_unchanged(tmp_path: Path) -> None:
    """By its bytes; an unchanged one is in the run too."""
    now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    home = Home(tmp_path)
    more = person("Di", Account_ID="3", Account_Name="Newcomer")

    def changes(rows: list[Row]) -> dict[str, str]:
        outcome = certified(rows, tmp_path)
        assert outcome.manifest is not None
        for report in outcome.manifest["reports"]:
            data = (run_dir(outcome) / "reports" / report["file"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == report["sha256"]
        return {report["account"]: report["change"] for report in outcome.manifest["reports"]}

    assert changes([person(), OTHER]) == {"Contoso": "new", "Fabrikam": "new"}
    assert changes([person(), OTHER]) == {"Contoso": "new", "Fabrikam": "new"}
    release_all(home, reason="so", now=now)
    assert changes([OTHER, person(Phone="1"), more]) == {
        "Contoso": "changed", "Fabrikam": "unchanged", "Newcomer": "new"
    }  # fmt: skip
    (ready,) = home.ready.resolve().glob("*fabrikam*.csv")
    ready.write_bytes(b"altered")
    assert changes([person(), OTHER]) == {"Contoso": "unchanged", "Fabrikam": "unchanged"}


def test_a_failing_background_import_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails again in the main thread; a thread would print a traceback."""
    imported, shown = list[str](), list[object]()

    def fail(module: str) -> None:
        imported.append(module)
        raise ImportError(module)

    monkeypatch.setattr("flows.certify.import_module", fail)
    monkeypatch.setattr(threading, "excepthook", shown.append)
    import_steps.cache_clear()  # an earlier test has imported them
    import_steps()
    for thread in threading.enumerate():
        if thread.name == "imports":
            thread.join(10)
    assert imported == ["flows.steps"]
    assert shown == []
