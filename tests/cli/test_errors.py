"""Exit statuses of what ends a command: a lock, a full disk, wrong usage, the unexpected."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import exports.home.layout
from cli.app import app
from tests.cli.invoking import NOTHING, Invoke, export, parsed


def test_a_lock_held_too_long_is_exit_6(invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reading needs no lock."""
    monkeypatch.setattr(exports.home.layout, "LOCK_SECONDS", 0.05)
    invoke("nightly", export())
    with exports.home.layout.Home(tmp_path / "home").writing():
        output = parsed(invoke("nightly", export(), "--json", status=6))
        assert output["status"] == "failed"
        invoke("check", export())
        assert len(parsed(invoke("runs", "--json"))["runs"]) == 1


def test_wrong_usage_of_a_run_is_json_too(invoke: Invoke) -> None:
    """A failed run, with the problem as its fault."""
    output = parsed(invoke("nightly", "--homme", "x", "--json", status=2))
    assert (output["run"], output["kind"], output["status"], output["totals"]) == (None, "nightly", "failed", NOTHING)
    assert "--homme" in output["faults"][0]["rule"]


def test_wrong_usage_of_a_decision_is_json_too(invoke: Invoke) -> None:
    """An object with the message."""
    assert "RUN" in parsed(invoke("approve", "--json", status=2))["error"]


@pytest.mark.parametrize("call", ["open", "rename"])
def test_a_full_disk_is_reported_with_a_remedy(call: str, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """During a report or the last rename; nothing is kept, and the next run works."""
    path = export()
    real = getattr(os, call)

    def full(place: object, *more: Any, **options: Any) -> object:
        if str(place).endswith(".csv") or call == "rename":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(place, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        result = invoke("nightly", path, "--json", status=1)
    assert "disk is full" in result.stderr
    output = parsed(result)
    assert (output["run"], output["kind"], output["status"], output["totals"]) == (None, "nightly", "failed", NOTHING)
    assert list(Path("home/runs").iterdir()) == []
    invoke("nightly", path)


def test_an_unexpected_error_is_exit_1_without_a_traceback(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor its message, which may have personal data; --debug shows both."""
    import sources.downloads

    def broken(path: Path, encoding: str | None) -> None:
        raise RuntimeError("Ada Secret")

    monkeypatch.setattr(sources.downloads, "read", broken)
    result = invoke("nightly", export(), status=1)
    assert "RuntimeError" in result.stderr
    assert "--debug" in result.stderr
    shown = CliRunner().invoke(app, ["nightly", "export.csv", "--debug"])
    assert isinstance(shown.exception, RuntimeError)
