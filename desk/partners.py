"""Partners: lists and finds them, with the ready report and the status in the newest nightly run.

Reads only: nothing is decided, pulled or drafted here.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import polars as pl

from desk.current import CurrentRun
from desk.directory import PEOPLE, Directory, Entry
from desk.keys import key_of
from desk.memory import freeze
from exports.home import ready
from exports.home.files import read_file
from exports.home.layout import Home, reports_folder
from exports.home.status import AccountStatus
from exports.reports.read import Stored, read_reports
from exports.reports.rows import cells
from schemas.columns import HEADINGS
from schemas.errors import NotAllowed
from schemas.manifest import ReadyRow, StoredRow

BATCH = 1000  # reports that are read together: their frame takes a few megabytes
PATIENCE = 1.0  # seconds that the first search waits for the directory


@dataclass(frozen=True)
class Partner:
    """One partner: its ready report, and its status in the newest nightly run; either may be None."""

    entry: Entry
    ready: ReadyRow | None
    status: AccountStatus | None = None
    run: str = ""  # of the status
    index: int | None = None  # in that run

    @property
    def is_superseded(self) -> bool:
        """Whether the ready report is from a later run than the status: run ids sort by time."""
        return bool(self.ready and self.ready["run"] > self.run)


class Partners:
    """All partners in the newest nightly run and ready/. Safe to use from several threads.

    The directory takes seconds for a million people, so it is made in the background; until then, requests use the one
    before.
    """

    def __init__(self, home: Home, current: CurrentRun) -> None:
        self._home, self._current = home, current
        self._lock = Lock()
        self._loaded, self._indexes = -1, dict[str, int]()  # of accounts in the status, by the key of their page
        self._workers = ThreadPoolExecutor(1, "directory")
        self._asked: tuple[Path | None, str] | None = None
        self._next: Future[Directory] = Future()
        self._directory: Directory | None = None

    def partner(self, key: str) -> Partner | None:
        """The partner with this key, as it is now; None if there is none."""
        snapshot = self._current.now()
        if snapshot.status is None:
            return self._without_run().get(key)
        with self._lock:
            if self._loaded != snapshot.loaded:
                accounts = enumerate(snapshot.status.accounts)
                named = {key_of(one.account, one.account_id): index for index, one in accounts if one.account}
                self._indexes, self._loaded = named, snapshot.loaded
            index = self._indexes.get(key)
        return None if index is None else _partner(snapshot.status.accounts[index], snapshot.status.run, index)

    def _all(self) -> Iterable[Partner]:
        status = self._current.now().status
        if status is None:
            return self._without_run().values()
        return [
            _partner(one, status.run, index) for index, one in enumerate(status.accounts) if one.account
        ]  # rows without an account are nobody's

    def _without_run(self) -> dict[str, Partner]:
        """The partners in ready/, for when all runs have been removed."""
        partners = [Partner(_entry(row["account"], row["account_id"]), row) for row in ready.rows(self._home)]
        return {one.entry.key: one for one in partners}

    def directory(self) -> Directory | None:
        """The directory of all people; None while the first one is still being made."""
        made_of = (ready.current(self._home), self._run())
        with self._lock:
            if made_of != self._asked:
                self._asked, self._next = made_of, self._workers.submit(self._make)
            if self._directory is None:
                wait([self._next], PATIENCE)  # enough for a small home
            if self._next.done():
                self._directory = self._next.result()
            return self._directory

    def _make(self) -> Directory:
        partners = list(self._all())
        parts = (partners[start : start + BATCH] for start in range(0, len(partners), BATCH))
        made = Directory(([one.entry for one in part], _people(self._home, part)) for part in parts)
        freeze(len(partners))
        return made

    def _run(self) -> str:
        status = self._current.now().status
        return status.run if status else ""


def report_rows(folder: Path, report: StoredRow) -> list[list[str]]:
    """The cells of a stored report, the headings first. Raises FileNotFoundError if it is gone."""
    data = read_file(f"{folder}/{report['file']}", report["bytes"])
    if data is None:
        raise FileNotFoundError(folder / report["file"])
    return cells(data)


# ---------------------------------------------------------------------------------------------------------------------

_SEARCHED = HEADINGS[:2]  # Full Name and Email


def _partner(one: AccountStatus, run: str, index: int) -> Partner:
    return Partner(_entry(one.account, one.account_id), one.ready, one, run, index)


def _entry(account: str, account_id: str | None) -> Entry:
    return Entry(key_of(account, account_id), account, account_id)


def _stored(home: Home, folder: Path | None, index: int, partner: Partner) -> Iterator[Stored]:
    """Where the ready report is stored, else the one that waits."""
    if partner.ready and folder:
        yield Stored(index, (folder, reports_folder(home, partner.ready["run"])), partner.ready)
    elif partner.status and partner.status.report:
        yield Stored(index, (reports_folder(home, partner.run),), partner.status.report)


def _people(home: Home, partners: Sequence[Partner]) -> pl.DataFrame:
    """Everybody in the reports of some partners, in the columns PEOPLE; nobody for a report that is gone."""
    folder = ready.current(home)
    stored = [one for index, partner in enumerate(partners) for one in _stored(home, folder, index, partner)]
    try:
        rows = read_reports(stored, _SEARCHED)
    except NotAllowed:  # its page says so; the others can still be searched
        rows = pl.concat([_one(report) for report in stored])
    return rows.rename(dict(zip(("account", *_SEARCHED), PEOPLE, strict=True)))


def _one(report: Stored) -> pl.DataFrame:
    try:
        return read_reports([report], _SEARCHED)
    except NotAllowed:
        return read_reports([], _SEARCHED)
