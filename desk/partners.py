"""Partners: who there is, and what of one partner is ready, waits or is held back.

Read from ready/ and the newest nightly run. Nothing is decided, pulled or drafted here.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from desk.current import CurrentRun
from desk.directory import Directory, Entry, Person
from desk.keys import key_of
from exports.home import ready
from exports.home.files import read_file
from exports.home.layout import Home, reports_folder
from exports.home.status import AccountStatus
from exports.reports.rows import cells
from schemas.manifest import ReadyRow, StoredRow


@dataclass(frozen=True)
class Partner:
    """One partner: its report that is ready, and its status in the newest nightly run; either may be None."""

    entry: Entry
    ready: ReadyRow | None
    status: AccountStatus | None = None
    run: str = ""  # of the status
    place: int | None = None  # in that run

    @property
    def is_overtaken(self) -> bool:
        """Whether what is ready came from a later run than the status: run ids sort by time."""
        return bool(self.ready and self.ready["run"] > self.run)


class Partners:
    """All partners of the newest nightly run and of ready/. Safe to use from several threads.

    The directory of their people takes seconds for a million of them, so it is made anew beside the requests, which
    use the one before until then.
    """

    def __init__(self, home: Home, current: CurrentRun) -> None:
        self._home, self._current = home, current
        self._lock = Lock()
        self._begun, self._places = -1, dict[str, int]()  # of accounts in the status, by the key of their page
        self._workers = ThreadPoolExecutor(1, "directory")
        self._asked: tuple[Path | None, str] | None = None
        self._next: Future[Directory] = Future()
        self._directory: Directory | None = None

    def partner(self, key: str) -> Partner | None:
        """One partner by the key of its page, as it is now; None if nobody has it."""
        moment = self._current.now()
        if moment.status is None:
            return self._without_run().get(key)
        with self._lock:
            if self._begun != moment.begun:
                accounts = enumerate(moment.status.accounts)
                named = {key_of(one.account, one.account_id): place for place, one in accounts if one.account}
                self._places, self._begun = named, moment.begun
            place = self._places.get(key)
        return None if place is None else _partner(moment.status.accounts[place], moment.status.run, place)

    def _all(self) -> Iterable[Partner]:
        status = self._current.now().status
        if status is None:
            return self._without_run().values()
        return [
            _partner(one, status.run, place) for place, one in enumerate(status.accounts) if one.account
        ]  # rows without an account are nobody's

    def _without_run(self) -> dict[str, Partner]:
        """What is ready when all runs have been removed."""
        partners = [Partner(_entry(row["account"], row["account_id"]), row) for row in ready.rows(self._home)]
        return {one.entry.key: one for one in partners}

    def directory(self) -> Directory:
        """Everybody, to be searched. Only the very first search waits for it."""
        made_of = (ready.current(self._home), self._run())
        with self._lock:
            if made_of != self._asked:
                self._asked, self._next = made_of, self._workers.submit(self._make)
            if self._directory is None or self._next.done():
                self._directory = self._next.result()
            return self._directory

    def _make(self) -> Directory:
        partners, run = self._all(), self._run()
        return Directory((one.entry, _people(self._home, run, one)) for one in partners)

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


def _partner(one: AccountStatus, run: str, place: int) -> Partner:
    return Partner(_entry(one.account, one.account_id), one.ready, one, run, place)


def _entry(account: str, account_id: str | None) -> Entry:
    return Entry(key_of(account, account_id), account, account_id)


def _people(home: Home, run: str, partner: Partner) -> list[Person]:
    """Everybody in the report that is ready, else in the one that waits; nobody if it can't be read."""
    folder = ready.current(home)
    report: StoredRow | None = partner.ready
    if report is None and partner.status:
        folder, report = reports_folder(home, run), partner.status.report
    if folder is None or report is None:
        return []
    try:
        return [Person(row[0], row[1]) for row in report_rows(folder, report)[1:]]
    except OSError:  # it is gone: its page says so, and the others are found all the same
        return []
