"""Listing runs, and showing one."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.invoking import BAD, Invoke, export, parsed


def test_runs_are_listed_newest_first(invoke: Invoke) -> None:
    """With id, kind, start, status and totals."""
    assert parsed(invoke("runs", "--json")) == {"runs": []}
    assert "no run yet" in invoke("runs").stdout
    first = parsed(invoke("nightly", export(BAD), "--json", status=4))
    second = parsed(invoke("account", "1", export(), "--json"))
    (newest, oldest) = parsed(invoke("runs", "--json"))["runs"]
    assert (newest["run"], oldest["run"]) == (second["run"], first["run"])
    assert set(oldest) == {"run", "kind", "started", "status", "totals"}
    assert (newest["kind"], newest["status"]) == ("account", "complete")
    assert (oldest["kind"], oldest["status"], oldest["totals"]) == ("nightly", "held", first["totals"])
    lines = invoke("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [newest["run"], oldest["run"]]


def test_show_prints_the_manifest(invoke: Invoke) -> None:
    """Of the given run, or of the latest."""
    first = parsed(invoke("nightly", export(BAD), "--json", status=4))
    second = parsed(invoke("nightly", export(), "--json"))
    assert parsed(invoke("show", first["run"], "--json")) == json.loads(Path(first["manifest"]).read_bytes())
    for words in (["show"], ["show", "latest"]):
        assert parsed(invoke(*words, "--json"))["run"] == second["run"]
    shown = invoke("show", first["run"]).stdout
    assert "Contoso" in shown
    assert re.search("held .*Held Ltd", shown)
    assert first["run_dir"] in shown


@pytest.mark.parametrize("run", ["latest", "20261121T020000Z-nightly-3f2a91", "..", "../home", ".", ""])
def test_an_unknown_run_is_exit_2(run: str, invoke: Invoke) -> None:
    """Also before the first run, and with path traversal."""
    result = invoke("show", run, status=2)
    assert result.stdout == ""
    assert "run" in result.stderr


@pytest.mark.parametrize("damage", ["{", "[]", "{}", "3", '{"run": "x"}'])
def test_a_damaged_manifest_stops_the_command(damage: str, invoke: Invoke) -> None:
    """Exit 6, as someone must restore it."""
    output = parsed(invoke("nightly", export(), "--json"))
    Path(output["manifest"]).write_text(damage)
    assert "manifest.json is damaged" in invoke("runs", status=6).stderr


def test_a_damaged_manifest_is_named(invoke: Invoke) -> None:
    """So that it can be restored."""
    invoke("nightly", export())
    (manifest,) = Path("home/runs").glob("*/manifest.json")
    manifest.write_bytes(b"{")
    for words in (("runs",), ("show",), ("review",)):
        assert f"{manifest} is damaged. Put it back" in invoke(*words, status=6).stderr
