"""Chooses what of a run is compared with ready/: the reports to read, and the facts about each account.

`transforms/changes.py` compares; `build.py` builds the review. `account` in frames is an index into the accounts of the
run's status.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from exports.home import ledger
from exports.home.layout import GARBLED, GUARDED, REPORTS, Home, reports_folder
from exports.home.status import AccountStatus, RunStatus
from exports.reports.differing import read_differing
from exports.reports.read import Stored
from flows.review.held import read_table, unguarded
from schemas.manifest import HeldRow, Manifest, ReportRow
from schemas.review import KINDS, Kind
from transforms.alarms import ACCOUNTS
from transforms.changes import changes as compare_reports

Counts = Mapping[Kind, int]  # how many changes of each kind
NO_CHANGES: Counts = dict.fromkeys(KINDS, 0)
LISTED = 50_000  # people of new and gone accounts that are still listed one by one without `people_of_new`


def changes(state: RunStatus, *, whole: bool = True) -> pl.DataFrame:
    """The changes, in the columns of `transforms.changes`. `whole`: also everybody in new and gone accounts."""
    before = _before(state.home, state.accounts, state.ready, whole=whole)
    after = _after(state.run_folder, state.accounts, whole=whole)
    return compare_reports(*read_differing(before, after))


def counts(changes: pl.DataFrame) -> Mapping[int, Counts]:
    """The number of changes of each kind, by the index of each account that has any."""
    kinds = (pl.col("kind").eq(kind).sum().alias(kind) for kind in KINDS)
    of_accounts = changes.group_by("account").agg(pl.struct(*kinds).alias("counts"))
    return dict(of_accounts.iter_rows())


def accounts_frame(state: RunStatus) -> pl.DataFrame:
    """The facts about accounts that alarms need, in the columns `transforms.alarms.ACCOUNTS`."""
    return pl.DataFrame(_facts(state.run_folder, state.manifest, state.accounts), ACCOUNTS, orient="row")


def many_whole(accounts: Sequence[AccountStatus]) -> bool:
    """Whether new and gone accounts have too many people to list one by one."""
    return sum(_rows(one.report or one.ready) for one in accounts if one.change in ("new", "gone")) > LISTED


# ----------------------------------------------------------------------------------------------------------------------


def _before(home: Home, account_statuses: Sequence[AccountStatus], ready: Path | None, *, whole: bool) -> list[Stored]:
    """The ready reports to compare: of changed accounts, and of gone ones if they are to be listed (`whole`)."""
    if ready is None:
        return []
    wanted = ("changed", "gone") if whole else ("changed",)
    rows = [(index, one.ready) for index, one in enumerate(account_statuses) if one.change in wanted and one.ready]
    # a report that was altered in ready/ is still intact in the run that it came from
    spare = {run: reports_folder(home, run) for run in {row["run"] for _, row in rows}}
    return [Stored(index, (ready, spare[row["run"]]), row) for index, row in rows]


def _after(run_folder: Path, account_statuses: Sequence[AccountStatus], *, whole: bool) -> list[Stored]:
    """The staged reports to compare: of changed accounts, and of new ones if they are to be listed (`whole`)."""
    wanted = ("changed", "new") if whole else ("changed",)
    folders = (run_folder / REPORTS,)
    rows = [(index, one.report) for index, one in enumerate(account_statuses) if one.change in wanted and one.report]
    return [Stored(index, folders, row) for index, row in rows]


def _facts(
    run_folder: Path, manifest: Manifest, account_statuses: Sequence[AccountStatus]
) -> list[tuple[int, str, int, int, int, int, str | None]]:
    """One row per account, in the columns `transforms.alarms.ACCOUNTS`."""
    guarded = _cells(run_folder / GUARDED) if manifest["totals"]["guarded_cells"] else {}
    garbled = _cells(run_folder / GARBLED) if (run_folder / GARBLED).exists() else {}
    rows = [(_rows(one.report or one.held), _rows(one.ready)) for one in account_statuses]
    return [
        (index, one.change, *rows[index], _cells_of(one, guarded), _cells_of(one, garbled), one.renamed_from)
        for index, one in enumerate(account_statuses)
    ]


def _rows(row: ReportRow | HeldRow | None) -> int:
    return int(row["rows"]) if row else 0


def _cells(path: Path) -> Mapping[ledger.Key, int]:
    """The number of cells of each account in the run's guarded.csv or garbled.csv."""
    counts = read_table(path).group_by("account", "account_id").len().iter_rows()
    return {key: count for account, account_id, count in counts for key in unguarded(account or "", account_id)}


def _cells_of(one: AccountStatus, counts: Mapping[ledger.Key, int]) -> int:
    return counts.get(ledger.key(one.account, one.account_id), 0) if one.report else 0
