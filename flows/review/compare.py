"""The review of a run: what changed against what is ready, put together from exports and transforms. No Prefect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports.home import ready, status
from exports.home.layout import PAGE, Home, Manifest
from exports.home.status import AccountStatus

if TYPE_CHECKING:
    import polars as pl

    from schemas.review import Change, Review


@dataclass(frozen=True)
class RunStatus:
    """A run at one moment: its manifest and folder, where each account stands, and the folder that ready/ was then.

    A release meanwhile changes nothing here: the folder is resolved once.
    """

    home: Home
    manifest: Manifest
    run_folder: Path
    accounts: Sequence[AccountStatus]
    ready: Path | None

    @property
    def run(self) -> str:
        """The run's id."""
        return str(self.manifest["run"])

    @property
    def missing(self) -> list[AccountStatus]:
        """The accounts that need a decision and have none."""
        return [one for one in self.accounts if one.decision == "missing"]

    def only(self, accounts: Sequence[AccountStatus]) -> "RunStatus":
        """The same moment, of some accounts."""
        return replace(self, accounts=accounts)


def review(home: Home, run: str = "latest", *, people_of_new: bool = True) -> "Review":
    """The review of a run id or `latest`. Reads only; raises WrongUsage for an unknown run, NotAllowed if a report
    that must be compared is gone or altered.

    Without `people_of_new`, the people of new and gone accounts are counted but not listed where they are more than
    `exports.review.LISTED`: on a first night, nobody reads a million names.
    """
    return review_of(run_status(home, home.manifest(run)), people_of_new=people_of_new)


def run_status(home: Home, manifest: Manifest, run_folder: Path | None = None) -> RunStatus:
    """Where a run stands now; reads manifests and the ledger. `run_folder`: where it is while it is still staged."""
    now = ready.current(home)
    accounts = status.account_statuses(home, manifest, ready.rows_of(now) if now else [])
    return RunStatus(home, manifest, run_folder or home.runs / manifest["run"], accounts, now)


def review_of(state: RunStatus, *, people_of_new: bool = True) -> "Review":
    """The review of a run at one moment; else as `review`."""
    from flows.review import build as parts
    from transforms import alarms

    accounts = accounts_frame(state)
    changed = changes(state, whole=people_of_new or not parts.many_whole(state.accounts))
    return parts.assemble(
        state.manifest,
        str(state.home.runs / state.run / PAGE),
        state.accounts,
        accounts,
        changed,
        alarms.account_alarms(changed, accounts),
        alarms.run_alarms(changed, accounts, state.manifest["totals"]["rows_read"]),
        alarms.groups(changed, accounts),
    )


class LiveReview:
    """The review of one run for somebody who looks again and again.

    Reports are read and compared again only when a release has changed ready/; else only decisions are brought up to
    date. One call at a time.
    """

    def __init__(self, home: Home, run: str) -> None:
        self._home, self._manifest = home, home.manifest(run)
        self._ready: Path | None = None
        self._review: Review | None = None

    def now(self) -> "Review":
        """The review as it is now. Raises as `review` does."""
        state = run_status(self._home, self._manifest)
        if self._review is None or state.ready != self._ready:
            self._review, self._ready = review_of(state, people_of_new=False), state.ready
        decided = {(one.account, one.account_id, one.change): one.decision for one in state.accounts}
        for account in self._review["accounts"]:
            account["decision"] = decided[account["account"], account["account_id"], account["change"]]
        self._review["totals"]["to_decide"] = len(state.missing)
        return self._review


def change_of_each(home: Home, reports: Sequence[Mapping[str, Any]]) -> "list[Change]":
    """What each report of a run to be is against what is ready: new, changed or unchanged. Reads one manifest.

    `reports` are rows as a manifest has them: `account`, `account_id` and `sha256` are looked at.
    """
    before = status.match(reports, ready.rows(home))
    return [status.compare_bytes(report, row) for report, row in zip(reports, before, strict=True)]


def changes(state: RunStatus, *, whole: bool = True) -> "pl.DataFrame":
    """What changed, as `transforms.changes` has it; `account` is the place in the state's accounts.

    `whole`: everybody in new and gone accounts too.
    """
    from exports.reports.read import read_reports
    from flows.review import build as parts
    from transforms.changes import changes as compared

    before = parts.before(state.home, state.accounts, state.ready, whole=whole)
    after = parts.after(state.run_folder, state.accounts, whole=whole)
    return compared(read_reports(before), read_reports(after))


def accounts_frame(state: RunStatus) -> "pl.DataFrame":
    """What alarms need to know of the accounts, in the columns `transforms.alarms.ACCOUNTS`."""
    import polars as pl

    from flows.review.build import facts
    from transforms.alarms import ACCOUNTS

    return pl.DataFrame(facts(state.run_folder, state.manifest, state.accounts), ACCOUNTS, orient="row")
