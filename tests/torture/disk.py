"""A command whose home is on a disk of its own: read only, or full after some more pages or files; or closed to it.

What the system refuses at one call is tried in `bench.py`; here it refuses everything from some moment on, as a real
disk does. Mounting takes root and a mount namespace (`may_mount`); without them only closed places are tried.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.torture.bench import Bench
from tests.torture.warm import start

PAGE = 4096
ROOMY = "size=64m,nr_inodes=100000"
PAGES, FILES = (0, 2, 5, 12, 30), (0, 1, 4)  # that are left before the disk is full
CLOSED = ("", "runs", ".ready", "ready", "ready/manifest.json", "ledger.jsonl", ".lock", "drafts", "contacts.csv")
NEW_MOUNTS = 0x0002_0000  # CLONE_NEWNS of Linux

Spoil = Callable[[Path], None]  # what is done to the home before the command begins


@cache
def may_mount() -> bool:
    """Whether this process may mount; what it mounts from now on is seen by itself and its children only."""
    if os.getuid() or ctypes.CDLL(None).unshare(NEW_MOUNTS):
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], check=False).returncode == 0


@dataclass(frozen=True)
class Disk:
    """The disk of one command's home."""

    bench: Bench

    def read_only(self) -> bool:
        """Nothing can be written; what reads only must not notice."""
        noticed = self._on_a_disk(lambda home: _remount(home, "ro"))
        assert not (noticed and self.bench.case.reads), "it only reads, and ended in another way"
        return noticed

    def full(self, pages: int) -> bool:
        """So many more pages can be written."""
        return self._on_a_disk(lambda home: _remount(home, f"size={(_used(home) + pages * PAGE) or PAGE}"))

    def without_files(self, files: int) -> bool:
        """So many more files can be made."""
        return self._on_a_disk(lambda home: _remount(home, f"nr_inodes={_used_files(home) + files}"))

    def closed(self, place: str) -> bool:
        """A file or folder of the home can't be opened; the command has no power over that, as root has."""
        home = self.bench.fresh()
        closed = home / place
        if not closed.exists():
            return False
        mode = closed.stat().st_mode
        closed.chmod(0)
        return self._try(home, lambda: closed.chmod(mode), powers=False)

    def _on_a_disk(self, spoil: Spoil) -> bool:
        home = self.bench.fresh()
        with _disk(home):
            shutil.copytree(self.bench.beginning, home, symlinks=True, dirs_exist_ok=True)
            spoil(home)
            return self._try(home, lambda: _remount(home, f"rw,{ROOMY}"))

    def _try(self, home: Path, mend: Callable[[], None], *, powers: bool = True) -> bool:
        """Gives whether the command noticed, after proving its words, and what is left once the disk is mended."""
        child = start(self.bench.case.words, self.bench.scratch, self.bench.environment, powers=powers)
        status = self.bench.attend_refused(child)
        mend()
        self.bench.prove_words(status, child.err.read_text())
        self.bench.prove(home)
        return status != self.bench.case.status


# ---------------------------------------------------------------------------------------------------------------------


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"{ROOMY},mode=0700", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)


def _used(place: Path) -> int:
    facts = os.statvfs(place)
    return (facts.f_blocks - facts.f_bfree) * facts.f_frsize


def _used_files(place: Path) -> int:
    facts = os.statvfs(place)
    return facts.f_files - facts.f_ffree
