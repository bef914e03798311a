"""Publishing: ready/ changes atomically, is always whole, and holds only approved bytes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from exports.home import ledger, ready
from exports.home.layout import Home
from exports.home.publish import finish, publish
from schemas.errors import NotAllowed
from tests.exports.home.ready_reports import content, publish_files, row, stage


def test_a_first_release(home: Home) -> None:
    """Reports, manifest and ledger lines, readable by their owner only."""
    publish_files(home, {"a.csv": b"A", "b.csv": b"B"})
    assert content(home) == {"a.csv": b"A", "b.csv": b"B"}
    assert json.loads((home.ready / "manifest.json").read_bytes()) == {"reports": ready.rows(home)}
    assert ready.rows(home) == [row("a.csv", b"A"), row("b.csv", b"B")]
    assert [line["account_id"] for line in ledger.read(home)] == ["a.csv", "b.csv"]
    assert {path.stat().st_mode & 0o777 for path in home.ready.iterdir()} == {0o600}
    assert home.ready.resolve().stat().st_mode & 0o777 == 0o700


def test_a_resolved_ready_folder_stays_whole(home: Home) -> None:
    """The previous set stays for its readers; the one before is removed."""
    publish_files(home, {"a.csv": b"A1"})
    first = home.ready.resolve()
    publish_files(home, {"a.csv": b"A2"})
    assert (first / "a.csv").read_bytes() == b"A1"
    assert content(home) == {"a.csv": b"A2"}
    publish_files(home, {"a.csv": b"A3"})
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
        publish_files(home, {"a.csv": str(number).encode()})
        assert content(home) == {"a.csv": str(number).encode()}


def test_a_home_with_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release removes old versions, never the one it has just made."""
    monkeypatch.chdir(tmp_path)
    Path("home").mkdir()
    publish_files(Home(Path("home")), {"a.csv": b"A"})
    assert content(Home(Path("home"))) == {"a.csv": b"A"}


def test_unchanged_reports_are_hard_links(home: Home) -> None:
    """Under their own or a new name."""
    publish_files(home, {"a.csv": b"A", "b.csv": b"B"})
    now = home.ready.resolve()
    rows = [row("a.csv", b"A"), {**row("b.csv", b"B"), "file": "c.csv"}]
    publish(home, rows, {"a.csv": now / "a.csv", "c.csv": now / "b.csv"}, [])
    assert content(home) == {"a.csv": b"A", "c.csv": b"B"}
    assert (home.ready / "a.csv").samefile(now / "a.csv")
    assert (home.ready / "c.csv").samefile(now / "b.csv")


def test_without_hard_links_unchanged_reports_are_copied(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have none, or few per file."""

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    publish_files(home, {"a.csv": b"A"})
    now = home.ready.resolve()
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    publish(home, [row("a.csv", b"A")], {"a.csv": now / "a.csv"}, [])
    assert content(home) == {"a.csv": b"A"}
    assert not (home.ready / "a.csv").samefile(now / "a.csv")


def test_a_missing_ready_report_stops_a_release(home: Home) -> None:
    """The manifest promises it."""
    publish_files(home, {"a.csv": b"A"})
    now = home.ready.resolve()
    (now / "a.csv").unlink()
    with pytest.raises(NotAllowed, match=r"a\.csv\. Nothing was released"):
        publish(home, [row("a.csv", b"A")], {"a.csv": now / "a.csv"}, [])
    assert home.ready.resolve() == now


def test_a_staged_file_altered_later_does_not_reach_ready(home: Home) -> None:
    """ready/ has a copy of the hashed bytes."""
    publish_files(home, {"a.csv": b"A"})
    (home.root / "staged-a.csv").write_bytes(b"altered")
    assert content(home) == {"a.csv": b"A"}


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_other_bytes_than_approved_stop_a_release(home: Home, damage: str) -> None:
    """One altered or missing report stops all; the message names its account."""
    publish_files(home, {"a.csv": b"A"})
    sources = stage(home, {"a.csv": b"A2", "b.csv": b"B"})
    if damage == "altered":
        sources["b.csv"].write_bytes(b"altered")
    else:
        sources["b.csv"].unlink()
    with pytest.raises(NotAllowed, match=r"gone or no longer the bytes that were approved: b\.csv\. Nothing"):
        publish(home, [row("a.csv", b"A2"), row("b.csv", b"B")], sources, [])
    assert content(home) == {"a.csv": b"A"}
    assert len(ledger.read(home)) == 1
    assert [path.name for path in (home.root / ".ready").iterdir()] == ["00000001"]


def test_two_accounts_with_one_file_name_stop_a_release(home: Home) -> None:
    """Ignoring letter case, as some file systems do."""
    sources = stage(home, {"a.csv": b"A", "A.csv": b"B"})
    with pytest.raises(NotAllowed, match=r"a\.csv and A\.csv would share one file name"):
        publish(home, [row("a.csv", b"A"), row("A.csv", b"B")], sources, [])
    assert ready.current(home) is None


def test_a_plain_ready_folder_is_converted(home: Home) -> None:
    """A restored backup may have followed the link."""
    home.ready.mkdir()
    (home.ready / "a.csv").write_bytes(b"A")
    (home.ready / "manifest.json").write_text(json.dumps({"reports": [row("a.csv", b"A")]}))
    sources = {"a.csv": home.ready.resolve() / "a.csv", **stage(home, {"b.csv": b"B"})}
    publish(home, [row("a.csv", b"A"), row("b.csv", b"B")], sources, [])
    assert content(home) == {"a.csv": b"A", "b.csv": b"B"}
    assert home.ready.is_symlink()


def test_an_empty_ready_folder_is_accepted(home: Home) -> None:
    """Someone may have created it before the first release."""
    home.ready.mkdir()
    assert ready.rows(home) == []
    publish_files(home, {"a.csv": b"A"})
    assert content(home) == {"a.csv": b"A"}


def test_a_release_killed_while_recording_is_recorded_once(home: Home) -> None:
    """The ledger has some of its lines, the last one torn; the rest is added."""
    publish_files(home, {"a.csv": b"A", "b.csv": b"B", "c.csv": b"C"})
    data = home.ledger.read_bytes()
    home.ledger.write_bytes(data[: data.index(b"\n") + 30])
    (home.root / ".ready" / "00000001.jsonl").write_bytes(data)
    finish(home)
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
