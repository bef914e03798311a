"""A home with linked or obstructed folders, and a clock that was wrong.

tests/torture covers system calls that fail during a command.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exports.home import ready
from exports.home.layout import Home
from schemas.errors import os_error_message
from tests.commands import Commands
from tests.exporting import csv_of
from tests.flows.mail.homes import drafted, release_run
from tests.flows.review.folders import keep_run
from tests.memory import PLACE
from tests.people import person


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready."""
    home = Home(tmp_path / "home")
    release_run(home)
    return home


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, if there is one."""
    places = [place for place in (Path(PLACE), Path(tempfile.gettempdir()), Path.cwd()) if os.access(place, os.W_OK)]
    other = next((place for place in places if place.stat().st_dev != tmp_path.stat().st_dev), None)
    with tempfile.TemporaryDirectory(dir=other) as folder:
        yield Path(folder)


def call(commands: Commands, home: Home, *words: str) -> tuple[int, str]:
    """The command's exit status and standard error."""
    result = commands.call(home.root.parent, *words, PARTNER_CERTS_HOME=str(home.root))
    return result.returncode, result.stderr


@pytest.mark.parametrize("name", ["runs", ".ready", "drafts"])
def test_a_folder_may_be_a_link_to_another_file_system(home: Home, elsewhere: Path, name: str) -> None:
    """Runs, releases and drafts work."""
    (home.root / name).mkdir(exist_ok=True)
    shutil.copytree(home.root / name, elsewhere / name, symlinks=True)
    shutil.rmtree(home.root / name)
    (home.root / name).symlink_to(elsewhere / name)
    release_run(home, {"1001 Contoso": [person("New", "new@contoso.example")]}, number=2)
    assert [row["account_id"] for row in ready.rows(home)] == ["1001"]
    assert ready.altered(home) == []
    assert len(drafted(home, "1001", to=["new@contoso.example"]).made) == 1


@pytest.mark.parametrize(
    ("name", "words", "ends"),
    [
        ("runs", ("nightly", "export.csv"), (1, "Move it away, then try again")),
        ("runs", ("runs",), (1, "Move it away, then try again")),  # not "no run yet"
        ("drafts", ("draft", "--all", "--no-to"), (2, "Name another with --out")),
        ("ledger.jsonl", ("history", "1001"), (1, "Move it away, then try again")),
        (".lock", ("release",), (1, "Move it away, then try again")),
    ],
)
def test_an_obstacle_is_named_and_nothing_is_lost(
    commands: Commands, home: Home, tmp_path: Path, name: str, words: list[str], ends: tuple[int, str]
) -> None:
    """A file in place of a folder, or vice versa; once it is moved away, all is as before."""
    (tmp_path / "export.csv").write_bytes(csv_of([person()]))
    place, aside = home.root / name, tmp_path / "aside"
    is_folder = name in ("runs", "drafts")
    if place.exists():
        place.rename(aside)
    place.touch() if is_folder else place.mkdir()
    status, error = call(commands, home, *words)
    assert (status, error.count("\n")) == (ends[0], 1)
    assert str(place) in error
    assert ends[1] in error
    place.unlink() if is_folder else place.rmdir()
    if aside.exists():
        aside.rename(place)
    assert (len(ready.rows(home)), ready.altered(home)) == (3, [])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full. Make room"),
        (errno.EROFS, "It is read-only. Make it writable"),
        (errno.EACCES, "belongs to the user who runs this"),
        (errno.EIO, "Have it checked before anything is released"),
        (errno.EXDEV, ""),
    ],
)
def test_system_errors_have_a_remedy(number: int, words: str) -> None:
    """One sentence with the path; an unexpected error has none."""
    error = os_error_message(OSError(number, os.strerror(number), "/home-folder/runs"))
    assert words in error
    assert bool(error) == bool(words)


def test_a_run_dated_in_the_future_is_reported(commands: Commands, home: Home, tmp_path: Path) -> None:
    """After a wrong clock it stays the newest, and each night says so."""
    (tmp_path / "export.csv").write_bytes(csv_of([person()]))
    late = keep_run(home, {"1 Contoso": [person()]}, number=40_000)["run"]
    status, error = call(commands, home, "nightly", "export.csv")
    assert status == 0
    assert f"Run {late} has a time in the future" in error
    shutil.move(home.runs / late, tmp_path)
    assert call(commands, home, "nightly", "export.csv") == (0, "")
