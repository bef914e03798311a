"""ready/ changes atomically, is always whole, and holds only approved bytes."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from exports.home import ledger, ready
from exports.home.layout import Home
from schemas.errors import NotAllowed
from schemas.manifest import ReadyRow


def test_nothing_is_ready_before_the_first_release(home: Home) -> None:
    """No folder, no reports, no error."""
    assert ready.current(home) is None
    assert ready.rows(home) == []
    ready.finish(home)
    assert list(home.root.iterdir()) == []


def test_a_first_release(home: Home) -> None:
    """Reports, manifest and ledger lines, readable by their owner only."""
    publish(home, {"a.csv": b"A", "b.csv": b"B"})
    assert content(home) == {"a.csv": b"A", "b.csv": b"B"}
    assert json.loads((home.ready / "manifest.json").read_bytes()) == {"reports": ready.rows(home)}
    assert ready.rows(home) == [row("a.csv", b"A"), row("b.csv", b"B")]
    assert [line["account_id"] for line in ledger.read(home)] == ["a.csv", "b.csv"]
    assert {path.stat().st_mode & 0o777 for path in home.ready.iterdir()} == {0o600}
    assert home.ready.resolve().stat().st_mode & 0o777 == 0o700


def test_a_resolved_ready_folder_stays_whole(home: Home) -> None:
    """The previous set stays for its readers; the one before is removed."""
    publish(home, {"a.csv": b"A1"})
    first = home.ready.resolve()
    publish(home, {"a.csv": b"A2"})
    assert (first / "a.csv").read_bytes() == b"A1"
    assert content(home) == {"a.csv": b"A2"}
    publish(home, {"a.csv": b"A3"})
    assert not first.exists()
    assert len(list((home.root / ".ready").iterdir())) == 2


@pytest.mark.parametrize("linked", [".", ".ready"])
def test_a_home_reached_through_a_link(linked: str, tmp_path: Path) -> None:
    """The home or its versions may be on another disk."""
    elsewhere, home = tmp_path / "elsewhere", Home(tmp_path / "home")
    elsewhere.mkdir()
    if linked != ".":
        home.root.mkdir()
    (home.root / linked).symlink_to(elsewhere)
    for number in range(3):
        publish(home, {"a.csv": str(number).encode()})
        assert content(home) == {"a.csv": str(number).encode()}


def test_a_home_with_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release removes old versions, never the one it has just made."""
    monkeypatch.chdir(tmp_path)
    Path("home").mkdir()
    publish(Home(Path("home")), {"a.csv": b"A"})
    assert content(Home(Path("home"))) == {"a.csv": b"A"}


def test_unchanged_reports_are_hard_links(home: Home) -> None:
    """Under their own or a new name."""
    publish(home, {"a.csv": b"A", "b.csv": b"B"})
    now = home.ready.resolve()
    rows = [row("a.csv", b"A"), {**row("b.csv", b"B"), "file": "c.csv"}]
    ready.publish(home, rows, {"a.csv": now / "a.csv", "c.csv": now / "b.csv"}, [])
    assert content(home) == {"a.csv": b"A", "c.csv": b"B"}
    assert (home.ready / "a.csv").samefile(now / "a.csv")
    assert (home.ready / "c.csv").samefile(now / "b.csv")


def test_without_hard_links_unchanged_reports_are_copied(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have none, or few per file."""

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    publish(home, {"a.csv": b"A"})
    now = home.ready.resolve()
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    ready.publish(home, [row("a.csv", b"A")], {"a.csv": now / "a.csv"}, [])
    assert content(home) == {"a.csv": b"A"}
    assert not (home.ready / "a.csv").samefile(now / "a.csv")


def test_a_missing_ready_report_stops_a_release(home: Home) -> None:
    """The manifest promises it."""
    publish(home, {"a.csv": b"A"})
    now = home.ready.resolve()
    (now / "a.csv").unlink()
    with pytest.raises(NotAllowed, match=r"a\.csv\. Nothing was released"):
        ready.publish(home, [row("a.csv", b"A")], {"a.csv": now / "a.csv"}, [])
    assert home.ready.resolve() == now


def test_a_staged_file_altered_later_does_not_reach_ready(home: Home) -> None:
    """ready/ has a copy of the hashed bytes."""
    publish(home, {"a.csv": b"A"})
    (home.root / "staged-a.csv").write_bytes(b"altered")
    assert content(home) == {"a.csv": b"A"}


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_other_bytes_than_approved_stop_a_release(home: Home, damage: str) -> None:
    """One altered or missing report stops all; the message names its account."""
    publish(home, {"a.csv": b"A"})
    sources = stage(home, {"a.csv": b"A2", "b.csv": b"B"})
    if damage == "altered":
        sources["b.csv"].write_bytes(b"altered")
    else:
        sources["b.csv"].unlink()
    with pytest.raises(NotAllowed, match=r"gone or no longer the bytes that were approved: b\.csv\. Nothing"):
        ready.publish(home, [row("a.csv", b"A2"), row("b.csv", b"B")], sources, [])
    assert content(home) == {"a.csv": b"A"}
    assert len(ledger.read(home)) == 1
    assert [path.name for path in (home.root / ".ready").iterdir()] == ["00000001"]


def test_two_accounts_with_one_file_name_stop_a_release(home: Home) -> None:
    """Ignoring letter case, as some file systems do."""
    sources = stage(home, {"a.csv": b"A", "A.csv": b"B"})
    with pytest.raises(NotAllowed, match=r"a\.csv and A\.csv would share one file name"):
        ready.publish(home, [row("a.csv", b"A"), row("A.csv", b"B")], sources, [])
    assert ready.current(home) is None


def test_a_plain_ready_folder_is_converted(home: Home) -> None:
    """A restored backup may have followed the link."""
    home.ready.mkdir()
    (home.ready / "a.csv").write_bytes(b"A")
    (home.ready / "manifest.json").write_text(json.dumps({"reports": [row("a.csv", b"A")]}))
    sources = {"a.csv": home.ready.resolve() / "a.csv", **stage(home, {"b.csv": b"B"})}
    ready.publish(home, [row("a.csv", b"A"), row("b.csv", b"B")], sources, [])
    assert content(home) == {"a.csv": b"A", "b.csv": b"B"}
    assert home.ready.is_symlink()


def test_an_empty_ready_folder_is_accepted(home: Home) -> None:
    """Someone may have created it before the first release."""
    home.ready.mkdir()
    assert ready.rows(home) == []
    publish(home, {"a.csv": b"A"})
    assert content(home) == {"a.csv": b"A"}


@pytest.mark.parametrize("act", [ready.current, ready.rows, ready.altered, ready.finish])
@pytest.mark.parametrize("target", [None, ".ready/2", "ready"])
@pytest.mark.parametrize("without_ledger", [False, True])
def test_a_lost_ready_link_is_reported_and_nothing_is_removed(
    home: Home, act: Callable[[Home], object], target: str | None, without_ledger: bool
) -> None:
    """Some backups omit links, and some hands mistype them."""
    publish(home, {"a.csv": b"A1"})
    publish(home, {"a.csv": b"A2"})
    home.ready.unlink()
    if target:
        home.ready.symlink_to(target)
    if without_ledger:
        home.ledger.unlink()
    with pytest.raises(NotAllowed, match=r"ready is gone.* ln -sfn \.ready/00000002 ready \(or move") as stop:
        act(home)
    assert str(home.root) in str(stop.value)
    home.ready.unlink(missing_ok=True)
    home.ready.symlink_to(".ready/00000002")
    assert content(home) == {"a.csv": b"A2"}
    publish(home, {"a.csv": b"A3"})
    assert content(home) == {"a.csv": b"A3"}


def test_moving_ready_away_on_purpose_is_allowed(home: Home) -> None:
    """To start over, or because of a damaged manifest."""
    publish(home, {"a.csv": b"A1"})
    (home.root / ".ready").rename(home.root / "old")
    assert ready.rows(home) == []
    home.ready.unlink()
    publish(home, {"a.csv": b"A2"})
    assert content(home) == {"a.csv": b"A2"}


def test_a_release_killed_while_recording_is_recorded_once(home: Home) -> None:
    """The ledger has some of its lines, the last one torn; the rest is added."""
    publish(home, {"a.csv": b"A", "b.csv": b"B", "c.csv": b"C"})
    data = home.ledger.read_bytes()
    home.ledger.write_bytes(data[: data.index(b"\n") + 30])
    (home.root / ".ready" / "00000001.jsonl").write_bytes(data)
    ready.finish(home)
    assert home.ledger.read_bytes() == data
    assert [path.name for path in (home.root / ".ready").iterdir()] == ["00000001"]


def test_a_release_killed_at_any_call_leaves_ready_whole(tmp_path: Path) -> None:
    """The old set or the new one; the next release cleans up."""
    command = [sys.executable, "-m", "tests.exports.home.killed", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    places, after_the_switch = map(int, done.stdout.split())
    assert places > 20
    assert 0 < after_the_switch < places


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)


def row(file: str, data: bytes) -> ReadyRow:
    """A row of a manifest."""
    return {"account": file, "account_id": file, "file": file, "sha256": hashlib.sha256(data).hexdigest()}


def stage(home: Home, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Staged reports by their future name."""
    for file, data in files.items():
        (home.root / f"staged-{file}").write_bytes(data)
    return {file: home.root / f"staged-{file}" for file in files}


def publish(home: Home, files: Mapping[str, bytes]) -> None:
    """Release exactly these files."""
    rows = [row(file, data) for file, data in files.items()]
    lines: list[ledger.Line] = [
        {
            "at": "2026-11-21T02:00:00Z",
            "what": "release",
            "run": "r1",
            "account": one["account"],
            "account_id": one["account_id"],
            "sha256": one["sha256"],
            "by": "Jo",
            "reason": "",
        }
        for one in rows
    ]
    ready.publish(home, rows, stage(home, files), lines)


def content(home: Home) -> dict[str, bytes]:
    """The ready reports."""
    return {path.name: path.read_bytes() for path in home.ready.glob("*.csv")}
