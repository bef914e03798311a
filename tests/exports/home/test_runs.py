"""A run appears whole, private and by one rename; what a killed one left is removed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from exports.home.layout import Home
from tests.exporting import certified
from tests.people import person

OTHER = person("Cy", Account_ID="2", Account_Name="Fabrikam")


@pytest.fixture
def _no_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_no_mask")
def test_folders_are_0700_and_files_0600_despite_the_umask(tmp_path: Path) -> None:
    """They hold personal data."""
    home = tmp_path / "deep" / "home"
    certified([person(Phone="=1"), OTHER | {"Email": ""}], home)
    paths = [home.parent, home, *home.rglob("*")]
    assert {path.name for path in paths} >= {"runs", "reports", "manifest.json", "faults.csv", "guarded.csv"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}


@pytest.mark.parametrize(("inside", "mode"), [([], 0o700), (["mine.txt"], 0o755)])
def test_an_empty_home_becomes_private_and_a_used_folder_keeps_its_mode(
    inside: list[str], mode: int, tmp_path: Path
) -> None:
    """Our own folders in it are private anyway."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    for name in inside:
        (home / name).touch()
    certified([person()], home)
    assert stat.S_IMODE(home.stat().st_mode) == mode
    assert stat.S_IMODE((home / "runs").stat().st_mode) == 0o700


def test_a_run_appears_by_one_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it nothing is visible, after it everything."""
    seen: list[tuple[list[str], bool]] = []
    rename = Path.rename

    def recording(path: Path, target: Path) -> Path:
        if target.parent == tmp_path / "runs":
            visible = [one.name for one in (tmp_path / "runs").glob("[!.]*")]
            seen.append((visible, (path / "manifest.json").exists()))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", recording)
    outcome = certified([person()], tmp_path)
    assert seen == [([], True)]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [outcome.run]


def test_remains_of_a_killed_run_are_removed_by_the_next(tmp_path: Path) -> None:
    """They never were a run."""
    left = tmp_path / "runs" / ".staging-20261121T020000Z-nightly-abcdef" / "reports"
    left.mkdir(parents=True)
    (left / "certifications-contoso-1.csv").write_bytes(b"half")
    (left.parent / "manifest.json").write_bytes(b"{}")
    assert Home(tmp_path).manifests() == []
    outcome = certified([person()], tmp_path)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [outcome.run]


def test_other_files_named_like_staging_are_removed_too(tmp_path: Path) -> None:
    """Links are not followed."""
    kept, runs = tmp_path / "kept", tmp_path / "home" / "runs"
    kept.mkdir()
    (kept / "letter").touch()
    runs.mkdir(parents=True)
    (runs / ".staging-link").symlink_to(kept)
    (runs / ".staging-file").touch()
    outcome = certified([person()], tmp_path / "home")
    assert [path.name for path in runs.iterdir()] == [outcome.run]
    assert (kept / "letter").exists()
