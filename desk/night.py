"""A run as Morning shows it: its review, made once, the groups of equal harmless changes, and what is held back.

Decisions are not kept here: they are asked of `current.py` with every request. What becomes HTML is made in
`morning.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from desk.current import CurrentRun, Moment
from desk.held import Held, held
from desk.memory import settle
from exports.home.layout import Home
from exports.home.status import AccountStatus, RunStatus
from exports.page.render import key
from exports.page.tables import change_lots
from flows.review.build import review_of
from schemas.review import AccountReview, Review

HARMLESS = ("gained", "joined", "details")
OTHERS = 2  # older runs that are kept in memory: a review of a million people takes some of it


@dataclass(frozen=True)
class Night:
    """A run's review, by the keys of its accounts. A key is another when the bytes, or what is ready, are another."""

    review: Review
    accounts: Mapping[str, AccountReview]  # in the order of the review, those that need a decision
    keys: Mapping[int, str]  # by the account's place
    changes: Mapping[int, Sequence[bytes]]  # rows of tables, by the account's place
    groups: Mapping[str, Sequence[str]]  # keys of accounts with the same harmless change, by the key of the group
    group_of: Mapping[str, str]
    held: Held | None  # None if nothing is
    finished: str

    def status(self, status: RunStatus, key: str) -> AccountStatus:
        """The status of an account."""
        return status.accounts[self.accounts[key]["place"]]


class Nights:
    """The night of a run, read anew after a release or when a newer one has come. Safe to use from several threads."""

    def __init__(self, current: CurrentRun) -> None:
        self._current = current
        self._lock = Lock()
        self._made_of: tuple[str, Path | None] | None = None
        self._night: Night | None = None

    def moment(self) -> Moment:
        """The status at this moment."""
        return self._current.now()

    def reasons(self, by: str) -> list[str]:
        """The last reasons that somebody gave, the newest first."""
        return self._current.reasons(by)

    def now(self) -> tuple[Moment, Night | None]:
        """The status at this moment, and the night that it is of; no night before the first run."""
        with self._lock:
            moment = self._current.now()
            if moment.status is None:
                return moment, None
            made_of = (moment.status.run, moment.status.ready)
            if made_of != self._made_of:
                self._night, self._made_of = _night(moment.status), made_of
                settle(len(moment.status.accounts))
            return moment, self._night


class EveryNight:
    """The nights that pages show: of the newest nightly run, and of the few others that somebody has opened."""

    def __init__(self, home: Home, newest: Nights) -> None:
        self._home, self._newest = home, newest
        self._lock = Lock()
        self._others: dict[str, Nights] = {}  # the one that was asked for last is the last

    def of(self, run: str) -> Nights:
        """The nights of a run; "" is the newest nightly run, whichever that is."""
        if not run:
            return self._newest
        with self._lock:
            nights = self._others.pop(run, None) or Nights(CurrentRun(self._home, run))
            self._others[run] = nights
            while len(self._others) > OTHERS:
                self._others.pop(next(iter(self._others)))
            return nights


# ---------------------------------------------------------------------------------------------------------------------


def _night(status: RunStatus) -> Night:
    review = review_of(status, people_of_new=False)
    accounts = {key(one): one for one in review["accounts"] if one["decision"] != "not needed"}
    groups = _groups(review, accounts)
    group_of = {member: group for group, members in groups.items() for member in members}
    keys = {one["place"]: name for name, one in accounts.items()}
    lots = change_lots(review["changes"])
    return Night(review, accounts, keys, lots, groups, group_of, held(review), status.manifest["finished"])


def _groups(review: Review, accounts: Mapping[str, AccountReview]) -> dict[str, list[str]]:
    """Accounts with one and the same harmless change, where there are several. Losses and renames are never in one."""
    kinds: dict[int, set[tuple[str, str]]] = defaultdict(set)
    pairs = review["changes"].select("account", "kind", "what").unique()
    for place, kind, what in pairs.iter_rows():
        kinds[place].add((kind, what or ""))
    groups: dict[str, list[str]] = defaultdict(list)
    for name, one in accounts.items():
        change = kinds.get(one["place"], set())
        if _is_harmless(one, change):
            groups[sha256(repr(sorted(change)).encode()).hexdigest()[:12]].append(name)
    return {group: members for group, members in groups.items() if len(members) > 1}


def _is_harmless(account: AccountReview, change: set[tuple[str, str]]) -> bool:
    same_name = account["change"] == "changed" and account["renamed_from"] is None
    return same_name and bool(change) and all(kind in HARMLESS for kind, _ in change)
