"""The home folder: where things are, which runs there are, and the locks of writers.

Folders are 0700 and files 0600, because they contain personal data. `files.py` writes them; the modules `manifests`,
`runs`, `ready` and `ledger` know what is inside.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from exports.home.files import make_folder, names_in, remove_unfinished
from exports.home.manifests import Ended, end_by_id, end_of, read_end, read_manifest, read_night
from schemas.errors import NotAllowed, WrongUsage
from schemas.manifest import Manifest, Night

STAGING = ".staging-"  # prefix of a run's folder until it is complete; a killed run leaves it behind
REPORTS = "reports"  # a run's folder of reports
MANIFEST = "manifest.json"  # of a run, and of ready/
FAULTS = "faults.csv"  # of a run, like the next two
GUARDED = "guarded.csv"
GARBLED = "garbled.csv"  # only if a cell has letters that were decoded twice
PAGE = "review.html"
LOCK_SECONDS = 10.0

# The errors if there can't be a home here
_NO_PLACE = {errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True)
class Home:
    """The paths of one home folder. Creating the object touches no file."""

    root: Path

    @property
    def runs(self) -> Path:
        """A folder for each run."""
        return self.root / "runs"

    @property
    def ready(self) -> Path:
        """What may be attached to a mail."""
        return self.root / "ready"

    @property
    def drafts(self) -> Path:
        """Mails for a person to send."""
        return self.root / "drafts"

    @property
    def ledger(self) -> Path:
        """Decisions, releases and mails, one JSON line each."""
        return self.root / "ledger.jsonl"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer of this home. Makes the folder, and removes unfinished files of killed writers.

        Raises NotAllowed after waiting ten seconds, and WrongUsage if there can't be a home.
        """
        with self._alone(".lock", "Another run is writing to"):
            remove_unfinished(self.root)
            remove_unfinished(self.drafts)
            yield

    def pulling(self) -> AbstractContextManager[None]:
        """Be the only one who pulls all users for this home. Not `writing`: for minutes, no account could be pulled."""
        return self._alone(".pull.lock", "Another nightly run is pulling for")

    def mailing(self) -> AbstractContextManager[None]:
        """Be the only one who saves drafts of this home to the mailbox. Not `writing`: mailboxes can be slow."""
        return self._alone(".mail.lock", "Somebody else is putting drafts into the mailbox for")

    @contextmanager
    def _alone(self, name: str, who: str) -> Iterator[None]:
        from filelock import FileLock, Timeout  # late: `runs` and `show` never write, and start sooner

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
        """The manifests of all runs, the last finished first. A run without a manifest never happened."""
        read = ((path, read_manifest(path)) for path in self._manifest_paths())
        manifests = [(end_of(path, manifest["finished"]), manifest) for path, manifest in read]
        return [manifest for _, manifest in sorted(manifests, key=lambda run: run[0], reverse=True)]

    def manifest(self, run: str) -> Manifest:
        """The manifest of a run id, or of `latest`, the nightly run that finished last.

        Raises WrongUsage if there is no such run.
        """
        if run == "latest":
            newest = self.newest_nightly()
            if newest is None:
                raise WrongUsage(f"There is no nightly run in {self.root} yet. Start one with: partner-certs nightly")
            run = newest.run
        path = self.runs / run / MANIFEST
        if run in self.run_ids() and path.exists():  # checked against names, so that an id can't be a path
            return read_manifest(path)
        raise WrongUsage(f"There is no run {run!r} in {self.root}. See them with: partner-certs runs")

    def run_ids(self, of_kind: str = "") -> list[str]:
        """The names of the runs' folders, in no order, including those without a manifest."""
        kind = f"-{of_kind}-" if of_kind else ""
        return [name for name in names_in(self.runs) if kind in name]

    def newest_nightly(self) -> Ended | None:
        """The nightly run that finished last; runs of one account never take its place."""
        return max((ended for ended, kind in self.ends("nightly") if kind == "nightly"), default=None)

    def ends(self, of_kind: str = "") -> list[tuple[Ended, str]]:
        """When each run ended, and its kind, from the heads of manifests. of_kind: only runs whose id has this kind."""
        return [read_end(path) for path in self._manifest_paths(of_kind)]

    def nights(self) -> list[Night]:
        """The nightly runs without their accounts, the last finished first, from the heads of manifests."""
        nightly = sorted((ended for ended, kind in self.ends("nightly") if kind == "nightly"), reverse=True)
        return [read_night(self.runs / ended.run / MANIFEST) for ended in nightly]

    def newer_nightly(self, run: str) -> str | None:
        """The newest nightly run, if it finished after this run."""
        newest = self.newest_nightly()
        return newest.run if newest and newest > self.ended(run) else None

    def ended(self, run: str) -> Ended:
        """When a run ended. If its folder is gone: when it started, which is in its id."""
        try:
            return read_end(self.runs / run / MANIFEST)[0]
        except FileNotFoundError:
            return end_by_id(run)

    def _manifest_paths(self, of_kind: str = "") -> Iterator[Path]:
        paths = (self.runs / run / MANIFEST for run in self.run_ids(of_kind))
        return (path for path in paths if path.exists())

    def remove_leftovers(self) -> None:
        """Remove what killed runs left in staging. Requires `writing`."""
        for left in self.runs.glob(f"{STAGING}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()


def reports_folder(home: Home, run: str) -> Path:
    """Where a run keeps its reports."""
    return home.runs / run / REPORTS


def no_home(root: Path, why: str) -> WrongUsage:
    """The refusal if there can't be a home here."""
    return WrongUsage(f"{root} can't be the home folder ({why}). Name another one with --home or PARTNER_CERTS_HOME")


def _move_in(root: Path) -> None:
    """Make the home. An existing folder becomes private if it is empty; else its mode stays."""
    make_folder(root)
    if not any(root.iterdir()):
        root.chmod(0o700)
