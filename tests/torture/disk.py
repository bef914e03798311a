"""A command whose home is on its own disk: read-only, or full after a few pages or files; or without permissions.

`bench.py` fails single calls; here everything fails from some moment on, as on a real disk. Mounting needs root and
a mount namespace (`may_mount`); otherwise only missing permissions are tried.
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
PAGES, FILES = (0, 2, 5, 12, 30), (0, 1, 4)  # left before the disk is full
CLOSED = ("", "runs", ".ready", "ready", "ready/manifest.json", "ledger.jsonl", ".lock", "drafts", "contacts.csv")
NEW_MOUNTS = 0x0002_0000  # CLONE_NEWNS of Linux

Spoil = Callable[[Path], None]  # done to the home before the command starts


@cache
def may_mount() -> bool:
    """Whether this process may mount; later mounts are visible only to it and its children."""
    if os.getuid() or ctypes.CDLL(None).unshare(NEW_MOUNTS):
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], check=False).returncode == 0


@dataclass(frozen=True)
class Disk:
    """The disk of one command's home."""

    bench: Bench

    def read_only(self) -> bool:
        """Nothing can be written; commands that only read must not notice."""
        noticed = self._on_a_disk(lambda home: _remount(home, "ro"))
        assert not (noticed and self.bench.case.reads), "it only reads, and ended in another way"
        return noticed

    def full(self, pages: int) -> bool:
        """Only this many pages can be written."""
        return self._on_a_disk(lambda home: _remount(home, f"size={(_used(home) + pages * PAGE) or PAGE}"))

    def without_files(self, files: int) -> bool:
        """Only this many files can be created."""
        return self._on_a_disk(lambda home: _remount(home, f"nr_inodes={_used_files(home) + files}"))

    def closed(self, place: str) -> bool:
        """A file or folder of the home can't be opened, and the command lacks root's power over that."""
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
        """Run the command, check its message, and what is left once the disk works again; return whether it noticed."""
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
