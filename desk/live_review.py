"""The review of a run as Morning needs it, made once: accounts by key, groups of equal harmless changes, held accounts.

Decisions are not kept here: `current.py` has them for every request. The data of the page is made in `morning.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from desk.current import CurrentRun, Snapshot
from desk.held import Held, held
from desk.memory import freeze
from exports.home.layout import Home
from exports.home.status import AccountStatus, RunStatus
from exports.page.render import key
from exports.page.tables import change_lots
from flows.review.build import review_of
from schemas.review import AccountReview, Review

HARMLESS = ("gained", "joined", "details")
OTHERS = 2  # older runs whose reviews are kept: that of a million people takes much memory


@dataclass(frozen=True)
class ReviewedRun:
    """A run's review by the keys of its accounts. A key changes if the account's bytes, or those in ready/, do."""

    review: Review
    accounts: Mapping[str, AccountReview]  # those that need a decision, in the order of the review
    keys: Mapping[int, str]  # by the account's index
    changes: Mapping[int, Sequence[bytes]]  # rows of HTML tables, by the account's index
    groups: Mapping[str, Sequence[str]]  # keys of accounts with the same harmless change, by the key of the group
    group_of: Mapping[str, str]  # the key of the group, by that of the account
    held: Held | None  # None if nothing is
    finished: str

    def status(self, status: RunStatus, key: str) -> AccountStatus:
        """The status of an account."""
        return status.accounts[self.accounts[key]["index"]]


class LiveReview:
    """The review of a run, made again after a release or a newer run. Safe to use from several threads."""

    def __init__(self, current: CurrentRun) -> None:
        self._current = current
        self._lock = Lock()
        self._made_of: tuple[str, Path | None] | None = None
        self._reviewed: ReviewedRun | None = None

    def snapshot(self) -> Snapshot:
        """The current status, without the review."""
        return self._current.now()

    def reasons(self, by: str) -> list[str]:
        """The last reasons that a person gave, the newest first."""
        return self._current.reasons(by)

    def now(self) -> tuple[Snapshot, ReviewedRun | None]:
        """The current status, and the review of its run; None before the first run."""
        with self._lock:
            snapshot = self._current.now()
            if snapshot.status is None:
                return snapshot, None
            made_of = (snapshot.status.run, snapshot.status.ready)
            if made_of != self._made_of:
                self._reviewed, self._made_of = _reviewed_run(snapshot.status), made_of
                freeze(len(snapshot.status.accounts))
            return snapshot, self._reviewed


class LiveReviews:
    """The reviews that pages show: of the newest nightly run, and of the last few others that were opened."""

    def __init__(self, home: Home, newest: LiveReview) -> None:
        self._home, self._newest = home, newest
        self._lock = Lock()
        self._others: dict[str, LiveReview] = {}  # the most recently used is the last

    def of(self, run: str) -> LiveReview:
        """The review of a run; of the newest nightly run, whichever that is, if the run is ""."""
        if not run:
            return self._newest
        with self._lock:
            live = self._others.pop(run, None) or LiveReview(CurrentRun(self._home, run))
            self._others[run] = live
            while len(self._others) > OTHERS:
                self._others.pop(next(iter(self._others)))
            return live


# ---------------------------------------------------------------------------------------------------------------------


def _reviewed_run(status: RunStatus) -> ReviewedRun:
    review = review_of(status, people_of_new=False)
    accounts = {key(one): one for one in review["accounts"] if one["decision"] != "not needed"}
    groups = _groups(review, accounts)
    group_of = {member: group for group, members in groups.items() for member in members}
    keys = {one["index"]: name for name, one in accounts.items()}
    lots = change_lots(review["changes"])
    return ReviewedRun(review, accounts, keys, lots, groups, group_of, held(review), status.manifest["finished"])


def _groups(review: Review, accounts: Mapping[str, AccountReview]) -> dict[str, list[str]]:
    """The keys of accounts with the same harmless change, where there are several. No losses, no renames."""
    kinds: dict[int, set[tuple[str, str]]] = defaultdict(set)
    pairs = review["changes"].select("account", "kind", "what").unique()
    for index, kind, what in pairs.iter_rows():
        kinds[index].add((kind, what or ""))
    groups: dict[str, list[str]] = defaultdict(list)
    for name, one in accounts.items():
        change = kinds.get(one["index"], set())
        if _is_harmless(one, change):
            groups[sha256(repr(sorted(change)).encode()).hexdigest()[:12]].append(name)
    return {group: members for group, members in groups.items() if len(members) > 1}


def _is_harmless(account: AccountReview, change: set[tuple[str, str]]) -> bool:
    same_name = account["change"] == "changed" and account["renamed_from"] is None
    return same_name and bool(change) and all(kind in HARMLESS for kind, _ in change)
