"""Kills a release at every single file system call, and checks what is left.

A separate program, because it forks for each step, and polars' threads don't survive a fork: this process never
lets polars work. Prints the number of steps; any that leaves ready/ broken ends it with an error. test_publish.py calls
it with an empty folder.
"""

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from exports.home import ledger, ready
from exports.home.layout import Home
from flows.review.decide import decide
from flows.review.release import release
from tests.flows.review.folders import NOW, keep_run
from tests.people import person

CALLS = ("open", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.remove", "os.truncate")


def prepare(root: Path) -> Home:
    """A home with one release, and another approved: one account stays, one changes, one is new, one goes."""
    home = Home(root)
    keep_run(home, {"1 Stays": [person("Ada")], "2 Changes": [person("Bob")], "3 Goes": [person("Cy")]}, number=1)
    for number in (1, 2):
        decide(home, "approve", every=True, by="Jo", reason="so", now=NOW)
        if number == 1:
            release(home, now=NOW)
            keep_run(
                home, {"1 Stays": [person("Ada")], "2 Changes": [person("Eve")], "4 New": [person("Di")]}, number=2
            )
    return home


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a child; return its status, as of `os.waitpid`."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def kill_at(home: Home, place: int) -> bool:
    """Release in a child that is killed at its call number `place`; False if it finished before."""
    left = [place]

    def count(event: str, _: object) -> None:
        if event in CALLS:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        sys.addaudithook(count)
        release(home, now=NOW)

    return os.WIFSIGNALED(in_child(work))


def accounts(home: Home) -> Mapping[str, str]:
    """The ready accounts, id to hash, after checking their files."""
    folder = ready.current(home)
    assert folder is not None
    rows = ready.rows_of(folder)
    assert sorted([row["file"] for row in rows] + ["manifest.json"]) == sorted(path.name for path in folder.iterdir())
    for row in rows:
        assert hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    return {row["account_id"]: row["sha256"] for row in rows}


def main(root: Path) -> int:
    """Every step in turn, each on a fresh copy of the same home."""
    template = Home(root / "first")
    assert in_child(lambda: prepare(template.root)) == 0
    before, place, switched = accounts(template), 0, 0
    lines = ledger.read(template)
    while True:
        place += 1
        home = Home(root / str(place))
        shutil.copytree(template.root, home.root, symlinks=True)
        killed = kill_at(home, place)
        state = accounts(home)
        switched += state != before
        assert state == before or set(state) == {"1", "2", "4"}, f"killed at {place}: a mixture of two releases"
        assert in_child(lambda home=home: release(home, now=NOW)) == 0
        assert set(accounts(home)) == {"1", "2", "4"}, f"killed at {place}: the next release did not mend it"
        recorded = [(line["what"], line["account_id"]) for line in ledger.read(home)[len(lines) :]]
        assert sorted(recorded) == [("release", "2"), ("release", "3"), ("release", "4")], f"at {place}: {recorded}"
        left = sorted(path.name for path in (home.root / ".ready").iterdir())
        assert left == ["00000001", "00000002"], f"at {place}: {left}"
        shutil.rmtree(home.root)
        if not killed:
            print(place, switched)  # noqa: T201  the test reads it
            return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
