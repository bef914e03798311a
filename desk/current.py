"""The status of the newest nightly run, kept up to date: the desk needs it for every request.

After a decision, only the new lines of the ledger are read; after a release or a newer run, everything is. All of it
is a cache: the home folder and its ledger hold the truth.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from exports.home import ledger, ready
from exports.home.decisions import in_force
from exports.home.layout import Home
from exports.home.status import RunStatus, run_status
from schemas.errors import WrongUsage

OFFERED = 10  # earlier reasons of a person that are offered again


@dataclass(frozen=True)
class Snapshot:
    """The status at one moment, None before the first run. `version` changes with every decision or reload."""

    version: int
    status: RunStatus | None
    loaded: int  # the version at which the run and ready/ were last read
    decided_at: Mapping[int, int]  # the version at which each account was decided last, by its index

    def decided_since(self, version: int) -> list[int]:
        """The indexes of the accounts that were decided after a version."""
        return [index for index, at in self.decided_at.items() if at > version]


class CurrentRun:
    """The current status of the newest nightly run, or of one named run. Safe to use from several threads."""

    def __init__(self, home: Home, run: str = "latest") -> None:
        self._home, self._wanted = home, run
        self._lock = Lock()
        self._version = 0
        self._status: RunStatus | None = None
        self._loaded = 0
        self._decided_at: dict[int, int] = {}
        self._indexes: dict[ledger.Key, list[int]] = {}
        self._lines: dict[ledger.Key, list[ledger.Line]] = {}
        self._seen: tuple[int, Path | None] | None = None
        self._which: tuple[str, str | None] | None = None
        self._read = 0  # bytes of the ledger
        self._reasons: dict[str, dict[str, None]] = {}  # by person, the newest last

    def reasons(self, by: str) -> list[str]:
        """The last reasons that a person gave, the newest first."""
        self.now()
        with self._lock:
            return list(self._reasons.get(by, {}))[: -OFFERED - 1 : -1]

    def now(self) -> Snapshot:
        """The current status. Raises NotAllowed if ready/ or the ledger is damaged."""
        with self._lock:
            seen = (_modified(self._home.runs), _target(self._home))
            if (seen != self._seen and not self._is_same(seen)) or self._size() < self._read:
                self._reload()
            elif self._size() > self._read:
                self._read_new_lines()
            self._seen = seen
            return Snapshot(self._version, self._status, self._loaded, dict(self._decided_at))

    def _is_same(self, seen: tuple[int, Path | None]) -> bool:
        """Whether run and ready/ are the same although folders changed, as after the pull of one account."""
        which, before = self._find(), self._which
        self._which = which
        return bool(which) and which == before and self._seen is not None and seen[1] == self._seen[1]

    def _find(self) -> tuple[str, str | None] | None:
        """The wanted run, and the nightly run that has finished since; None if there is no such run."""
        if self._wanted == "latest":
            newest = self._home.newest_nightly()
            return (newest.run, None) if newest else None
        exists = (self._home.runs / self._wanted).is_dir()
        return (self._wanted, self._home.newer_nightly(self._wanted)) if exists else None

    def _reload(self) -> None:
        self._loaded = self._version = self._version + 1
        self._indexes, self._lines, self._decided_at, self._read = {}, {}, {}, 0
        self._reasons = {}
        try:
            manifest = self._home.manifest(self._wanted)
        except WrongUsage:  # there is no run yet
            self._status = None
            return
        self._status = run_status(self._home, manifest)
        indexes = defaultdict(list)
        for index, one in enumerate(self._status.accounts):
            indexes[one.subject.account].append(index)
        self._indexes = dict(indexes)
        self._read_new_lines()
        self._decided_at = {}  # no page has seen this run in an earlier state

    def _read_new_lines(self) -> None:
        """Read the new lines of the ledger and update the accounts that they are about."""
        lines, self._read = ledger.read_from(self._home, self._read)
        changed = {ledger.key(line["account"], line["account_id"]) for line in lines}
        for line in lines:
            self._remember(line["by"], line["reason"])
            self._lines.setdefault(ledger.key(line["account"], line["account_id"]), []).append(line)
        if self._status is None or not changed:
            return
        accounts, self._version = list(self._status.accounts), self._version + 1
        for key in changed & self._indexes.keys():
            decisions = in_force(self._lines[key], self._status.run)
            for index in self._indexes[key]:
                accounts[index] = accounts[index].decided(decisions.get(accounts[index].subject))
                self._decided_at[index] = self._version
        self._status = replace(self._status, accounts=accounts)

    def _remember(self, by: str, reason: str) -> None:
        if by and reason:
            reasons = self._reasons.setdefault(by, {})
            reasons.pop(reason, None)
            reasons[reason] = None

    def _size(self) -> int:
        try:
            return self._home.ledger.stat().st_size
        except FileNotFoundError:
            return 0


# ----------------------------------------------------------------------------------------------------------------------


def _modified(folder: Path) -> int:
    """When an entry of a folder was last added or removed, as when a new run is renamed into it; in nanoseconds."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _target(home: Home) -> Path | None:
    """What ready/ points to. Reading the link is enough; only a missing one is examined, and refused."""
    try:
        return home.ready.readlink()
    except OSError:
        return ready.current(home)
