"""The newest nightly run's status, kept current: the desk asks for it with every request.

A decision changes one account, so only the new lines of the ledger are read for it. A release, or a newer run, starts
afresh. Everything here can be forgotten at any moment and is read anew from the home and its ledger.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from exports.home import ledger, ready
from exports.home.layout import Home
from exports.home.status import RunStatus, run_status
from schemas.errors import WrongUsage

OFFERED = 10  # reasons that somebody gave before


@dataclass(frozen=True)
class Moment:
    """The status at one moment, None before the first run. `version` is another after each change."""

    version: int
    status: RunStatus | None
    begun: int  # the version since which the run, and what is ready, are these
    touched: Mapping[int, int]  # the version at which an account was decided last, by its place

    def decided_since(self, version: int) -> list[int]:
        """The places of accounts that were decided after a version."""
        return [place for place, at in self.touched.items() if at > version]


class CurrentRun:
    """The status of the newest nightly run, or of one named run, as it is now. Safe to use from several threads."""

    def __init__(self, home: Home, run: str = "latest") -> None:
        self._home, self._wanted = home, run
        self._lock = Lock()
        self._version = 0
        self._status: RunStatus | None = None
        self._begun = 0
        self._touched: dict[int, int] = {}
        self._places: dict[ledger.Key, list[int]] = {}
        self._lines: dict[ledger.Key, list[ledger.Line]] = {}
        self._seen: tuple[int, Path | None] | None = None
        self._which: tuple[str, str | None] | None = None
        self._read = 0  # bytes of the ledger
        self._reasons: dict[str, dict[str, None]] = {}  # by who gave them, the newest last

    def reasons(self, by: str) -> list[str]:
        """The last reasons that somebody gave, the newest first."""
        self.now()
        with self._lock:
            return list(self._reasons.get(by, {}))[: -OFFERED - 1 : -1]

    def now(self) -> Moment:
        """The status now. Raises NotAllowed if ready/ or the ledger is damaged."""
        with self._lock:
            seen = (_modified(self._home.runs), _target(self._home))
            if (seen != self._seen and not self._is_same(seen)) or self._size() < self._read:
                self._start_afresh()
            elif self._size() > self._read:
                self._read_on()
            self._seen = seen
            return Moment(self._version, self._status, self._begun, dict(self._touched))

    def _is_same(self, seen: tuple[int, Path | None]) -> bool:
        """Whether the run is the same, and what is ready too, though folders changed: somebody pulled one account."""
        which, before = self._find(), self._which
        self._which = which
        return bool(which) and which == before and self._seen is not None and seen[1] == self._seen[1]

    def _find(self) -> tuple[str, str | None] | None:
        """Which run is wanted, and the nightly run that has finished since; None if there is no such run."""
        if self._wanted == "latest":
            newest = self._home.newest_nightly()
            return (newest.run, None) if newest else None
        is_there = (self._home.runs / self._wanted).is_dir()
        return (self._wanted, self._home.newer_nightly(self._wanted)) if is_there else None

    def _start_afresh(self) -> None:
        self._begun = self._version = self._version + 1
        self._places, self._lines, self._touched, self._read = {}, {}, {}, 0
        self._reasons = {}
        try:
            manifest = self._home.manifest(self._wanted)
        except WrongUsage:  # there is no run yet
            self._status = None
            return
        self._status = run_status(self._home, manifest)
        places = defaultdict(list)
        for place, one in enumerate(self._status.accounts):
            places[one.subject.account].append(place)
        self._places = dict(places)
        self._read_on()
        self._touched = {}  # no page has seen this run in another state

    def _read_on(self) -> None:
        """Bring the accounts up to date that new lines of the ledger are about."""
        lines, self._read = ledger.read_from(self._home, self._read)
        touched = {ledger.key(line["account"], line["account_id"]) for line in lines}
        for line in lines:
            self._remember(line["by"], line["reason"])
            self._lines.setdefault(ledger.key(line["account"], line["account_id"]), []).append(line)
        if self._status is None or not touched:
            return
        accounts, self._version = list(self._status.accounts), self._version + 1
        for key in touched & self._places.keys():
            in_force = ledger.in_force(self._lines[key], self._status.run)
            for place in self._places[key]:
                accounts[place] = accounts[place].decided(in_force.get(accounts[place].subject))
                self._touched[place] = self._version
        self._status = replace(self._status, accounts=accounts)

    def _remember(self, by: str, reason: str) -> None:
        if by and reason:
            given = self._reasons.setdefault(by, {})
            given.pop(reason, None)
            given[reason] = None

    def _size(self) -> int:
        try:
            return self._home.ledger.stat().st_size
        except FileNotFoundError:
            return 0


def _modified(folder: Path) -> int:
    """When a folder's entries changed last: a new run is renamed into it."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _target(home: Home) -> Path | None:
    """What ready/ is now. A link is enough; only a lost one is examined, and refused."""
    try:
        return home.ready.readlink()
    except OSError:
        return ready.current(home)
