"""A home whose folders are elsewhere, or not what they should be, and a clock that was wrong.

What the system refuses in the middle of a command is tried at each of its calls by tests/torture.
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
    made = Home(tmp_path / "home")
    release_run(made)
    return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder of another file system, where there is one."""
    places = [place for place in (Path(PLACE), Path(tempfile.gettempdir()), Path.cwd()) if os.access(place, os.W_OK)]
    other = next((place for place in places if place.stat().st_dev != tmp_path.stat().st_dev), None)
    with tempfile.TemporaryDirectory(dir=other) as folder:
        yield Path(folder)


def call(commands: Commands, home: Home, *words: str) -> tuple[int, str]:
    """The exit status of the command and what it says on standard error."""
    done = commands.call(home.root.parent, *words, PARTNER_CERTS_HOME=str(home.root))
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", ["runs", ".ready", "drafts"])
def test_a_folder_may_be_a_link_to_another_file_system(home: Home, elsewhere: Path, name: str) -> None:
    """A night, a release and drafts go on as before."""
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
        ("runs", ("runs",), (1, "Move it away, then try again")),  # and not that there is none
        ("drafts", ("draft", "--all", "--no-to"), (2, "Name another with --out")),
        ("ledger.jsonl", ("history", "1001"), (1, "Move it away, then try again")),
        (".lock", ("release",), (1, "Move it away, then try again")),
    ],
)
def test_what_is_in_the_way_is_named_and_nothing_is_lost(
    commands: Commands, home: Home, tmp_path: Path, name: str, words: list[str], ends: tuple[int, str]
) -> None:
    """A file where a folder should be, and the other way round: moved away, and all is as it was."""
    (tmp_path / "export.csv").write_bytes(csv_of([person()]))
    place, aside = home.root / name, tmp_path / "aside"
    is_folder = name in ("runs", "drafts")
    if place.exists():
        place.rename(aside)
    place.touch() if is_folder else place.mkdir()
    status, said = call(commands, home, *words)
    assert (status, said.count("\n")) == (ends[0], 1)
    assert str(place) in said
    assert ends[1] in said
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
def test_what_the_system_refuses_has_a_remedy(number: int, words: str) -> None:
    """In one sentence that names the place; what nobody foresaw has none."""
    said = os_error_message(OSError(number, os.strerror(number), "/home-folder/runs"))
    assert words in said
    assert bool(said) == bool(words)


def test_a_run_with_a_time_that_has_not_come_is_named(commands: Commands, home: Home, tmp_path: Path) -> None:
    """A clock was wrong once: the run of that day stays the newest, and each night says so."""
    (tmp_path / "export.csv").write_bytes(csv_of([person()]))
    late = keep_run(home, {"1 Contoso": [person()]}, number=40_000)["run"]
    status, said = call(commands, home, "nightly", "export.csv")
    assert status == 0
    assert f"Run {late} has a time in the future" in said
    shutil.move(home.runs / late, tmp_path)
    assert call(commands, home, "nightly", "export.csv") == (0, "")
