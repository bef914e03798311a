"""The home folder: where things are, and who may write.

Folders are 0700 and files 0600, because they hold personal data. How files and folders appear is in `files.py`; what
is inside a run, ready/ and the ledger, in the modules of those names.
"""

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.home.files import make_folder, read_json
from schemas.errors import NotAllowed, WrongUsage

STAGING = ".staging-"  # prefix of what a killed run may leave behind
REPORTS = "reports"  # a run's folder of reports
MANIFEST = "manifest.json"  # of a run, and of ready/
FAULTS = "faults.csv"  # of a run, as is the next
GUARDED = "guarded.csv"
PAGE = "review.html"
LOCK_SECONDS = 10.0

# There can't be a home here.
_NO_PLACE = {errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS}

Manifest = dict[str, Any]
_PROMISED = {"run", "kind", "started", "finished", "columns", "source", "totals", "reports", "held"}


@dataclass(frozen=True)
class Home:
    """The paths of one home folder. Making the object touches nothing."""

    root: Path

    @property
    def runs(self) -> Path:
        """One folder a run."""
        return self.root / "runs"

    @property
    def ready(self) -> Path:
        """What may be attached to a mail."""
        return self.root / "ready"

    @property
    def ledger(self) -> Path:
        """Decisions and releases, one JSON line each."""
        return self.root / "ledger.jsonl"

    def writing(self) -> AbstractContextManager[None]:
        """Be the only writer of this home. Makes the folder.

        Raises NotAllowed after ten seconds of waiting, and WrongUsage if there can't be a home.
        """
        return self._alone(".lock", "Another run is writing to")

    def pulling(self) -> AbstractContextManager[None]:
        """Be the only one who pulls all users for this home: a pull takes minutes, and one account must not wait."""
        return self._alone(".pull.lock", "Another nightly run is pulling for")

    @contextmanager
    def _alone(self, name: str, who: str) -> Iterator[None]:
        from filelock import FileLock, Timeout  # it takes longer than all of `runs` and `show`, which never write

        lock = FileLock(self.root / name, timeout=LOCK_SECONDS, mode=0o600)
        try:
            _move_in(self.root)
            lock.acquire()
        except Timeout:
            raise NotAllowed(
                f"{who} {self.root}; waited {LOCK_SECONDS:.0f} seconds for it. Wait until it has ended, then try again"
            ) from None
        except OSError as error:
            if error.errno not in _NO_PLACE:
                raise
            raise no_home(self.root, str(error.strerror)) from None
        try:
            yield
        finally:
            lock.release()

    def manifests(self) -> list[Manifest]:
        """The manifests of all runs, the one that finished last first. A run without one never happened."""
        found = [(path.stat().st_mtime_ns, _read_manifest(path)) for path in self.runs.glob(f"[!.]*/{MANIFEST}")]
        # Times in manifests are whole seconds; two runs in one second are told apart by the file system's clock.
        found.sort(key=lambda run: (run[1]["finished"], run[0]), reverse=True)
        return [manifest for _, manifest in found]

    def manifest(self, run: str) -> Manifest:
        """The manifest of a run id or `latest`; raises WrongUsage if there is no such run."""
        if run == "latest":
            finished = [
                (_finished(path), path.stat().st_mtime_ns, path.parent.name)
                for path in self.runs.glob(f"[!.]*/{MANIFEST}")
            ]
            if not finished:
                raise WrongUsage(f"There is no run in {self.root} yet. Start one with: partner-certs nightly")
            *_, run = max(finished)
        for path in self.runs.glob(f"[!.]*/{MANIFEST}"):
            if path.parent.name == run:
                return _read_manifest(path)
        raise WrongUsage(f"There is no run {run!r} in {self.root}. See them with: partner-certs runs")

    def remove_leftovers(self) -> None:
        """Take away what killed runs left in staging. Call it as the writer."""
        for left in self.runs.glob(f"{STAGING}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()


def reports_folder(home: Home, run: str) -> Path:
    """Where a run keeps its reports."""
    return home.runs / run / REPORTS


def no_home(root: Path, why: str) -> WrongUsage:
    """What to say if there can't be a home here."""
    return WrongUsage(f"{root} can't be the home folder ({why}). Name another one with --home or PARTNER_CERTS_HOME")


def _move_in(root: Path) -> None:
    """Make the home. An empty folder made for it beforehand becomes private; one with other things stays as it is."""
    make_folder(root)
    if not any(root.iterdir()):
        root.chmod(0o700)


def _read_manifest(path: Path) -> Manifest:
    try:
        manifest = read_json(path)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or not manifest.keys() >= _PROMISED:
        raise NotAllowed(
            f"{path} is damaged. Put it back from a backup, or move the folder away; the ledger keeps its decisions"
        )
    return manifest


def _finished(path: Path) -> str:
    """When a run ended. It stands near the beginning: a year of manifests is too much to read whole."""
    with path.open("rb") as file:
        found = re.search(rb'"finished": ?"([^"]*)"', file.read(1024))
    return found[1].decode() if found else str(_read_manifest(path)["finished"])
