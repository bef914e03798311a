"""A review put together: where every account of a run stands, what changed, alarms, groups, counts.

Which reports have to be read for it is told here too. The comparing itself and the alarms are the work of
`transforms`: they come in as frames, keyed by an account's place in the list of standings. How a review looks is told
in `exports/page/render.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from exports.home import ledger
from exports.home.layout import GUARDED, REPORTS, Home, Manifest
from exports.home.status import AccountStatus, reports_folder
from exports.reports.read import Stored, separator
from schemas.names import fold
from schemas.review import KINDS, AccountReview, Alarm, Detail, Group, Kind, Listed, Review, Totals

LISTED = 50_000  # people of new and gone accounts that are still listed one by one when few are asked for


def before(
    home: Home, account_statuses: Sequence[AccountStatus], ready: Path | None, *, whole: bool = True
) -> list[Stored]:
    """The ready reports to compare: of changed accounts, and of gone ones if they are to be listed (`whole`)."""
    if ready is None:
        return []
    wanted = ("changed", "gone") if whole else ("changed",)
    rows = [(place, one.ready) for place, one in enumerate(account_statuses) if one.change in wanted and one.ready]
    # a report that somebody altered in ready/ still stands as it was approved in the run that it came from
    spare = {run: reports_folder(home, run) for run in {row["run"] for _, row in rows}}
    return [Stored(place, (ready, spare[row["run"]]), row) for place, row in rows]


def after(run_folder: Path, account_statuses: Sequence[AccountStatus], *, whole: bool = True) -> list[Stored]:
    """The staged reports to compare: of changed accounts, and of new ones if they are to be listed (`whole`)."""
    wanted = ("changed", "new") if whole else ("changed",)
    folders = (run_folder / REPORTS,)
    rows = [(place, one.report) for place, one in enumerate(account_statuses) if one.change in wanted and one.report]
    return [Stored(place, folders, row) for place, row in rows]


def many_whole(account_statuses: Sequence[AccountStatus]) -> bool:
    """Whether new and gone accounts have more people than anybody reads one by one."""
    return sum(_rows(one.report or one.ready) for one in account_statuses if one.change in ("new", "gone")) > LISTED


def facts(
    run_folder: Path, manifest: Manifest, account_statuses: Sequence[AccountStatus]
) -> list[tuple[int, str, int, int, int]]:
    """What alarms need to know of each account: key, change, rows, rows that are ready, guarded cells."""
    guarded = _guarded(run_folder / GUARDED) if manifest["totals"]["guarded_cells"] else {}
    return [
        (place, one.change, _rows(one.report), _rows(one.ready), _guarded_of(one, guarded))
        for place, one in enumerate(account_statuses)
    ]


def assemble(
    manifest: Manifest,
    page: str,
    account_statuses: Sequence[AccountStatus],
    accounts: pl.DataFrame,
    changes: pl.DataFrame,
    alarms: pl.DataFrame,
    run_alarms: pl.DataFrame,
    groups: pl.DataFrame,
) -> Review:
    """The review. `page` is where its page is, `accounts` are the `facts` as a frame.

    The frames after it are what `transforms` made of it.
    """
    counts = _counts(changes)
    numbers = accounts.select("account", "rows", "rows_before", "guarded").iter_rows()
    reviews = [_account(one, counts, *facts) for one, facts in zip(account_statuses, numbers, strict=True)]
    for place, severity, kind, text in alarms.iter_rows():
        reviews[place]["alarms"].append({"severity": severity, "kind": kind, "text": text})
    return {
        "run": manifest["run"],
        "page": page,
        "totals": _totals(account_statuses, accounts, reviews),
        "accounts": sorted(reviews, key=_worst_first),
        "changes": changes,
        "kind": manifest["kind"],
        "started": manifest["started"],
        "source": manifest["source"]["name"],
        "rows_read": manifest["totals"]["rows_read"],
        "written": manifest["totals"]["people"],
        "held_rows": sum(account["rows"] for account in manifest["held"]),
        "groups": [_group(*row) for row in groups.iter_rows()],
        "alarms": [Alarm(severity=severity, kind=kind, text=text) for severity, kind, text in run_alarms.iter_rows()],
    }


def listed(changes: pl.DataFrame) -> Mapping[int, Listed]:
    """The changes of a review one by one, by the place of their account; a blank cell is ""."""
    lists: dict[int, Listed] = defaultdict(_nothing)
    parts = changes.with_columns(pl.col("name", "email", "what", "before", "after").fill_null(""))
    for kind, account, name, email, what, before, after, courses in parts.select(_CELLS).iter_rows():
        of_account = lists[account]
        if kind == "joined":
            of_account["joined"].append({"name": name, "email": email, "courses": courses})
        elif kind == "left":
            of_account["left"].append({"name": name, "email": email, "courses": courses})
        elif kind == "gained":
            of_account["gained"].append({"name": name, "email": email, "course": what})
        elif kind == "lost":
            of_account["lost"].append({"name": name, "email": email, "course": what})
        else:
            detail: Detail = {"name": name, "email": email, "field": what, "before": before, "after": after}
            of_account["details"].append(detail)
    return lists


_CALM = 99  # after every severity
_CELLS = ("kind", "account", "name", "email", "what", "before", "after", "courses")


def _nothing() -> Listed:
    return {"joined": [], "left": [], "gained": [], "lost": [], "details": []}


def _counts(changes: pl.DataFrame) -> dict[int, dict[Kind, int]]:
    """How many changes of each kind are listed for each account that has any."""
    kinds = (pl.col("kind").eq(kind).sum().alias(kind) for kind in KINDS)
    of_accounts = changes.group_by("account").agg(pl.struct(*kinds).alias("counts"))
    return dict(of_accounts.iter_rows())


def _rows(row: Mapping[str, Any] | None) -> int:
    return int(row["rows"]) if row else 0


def _guarded(path: Path) -> Mapping[ledger.Key, int]:
    """How many cells of each account were guarded, from the run's guarded.csv."""
    data = path.read_bytes()
    heading = data[: data.index(b"\n") + 1]
    cells = pl.read_csv(data, separator=separator(heading), infer_schema=False)
    counts = cells.group_by("account", "account_id").len().iter_rows()
    return {ledger.key(account or "", account_id): count for account, account_id, count in counts}


def _guarded_of(one: AccountStatus, guarded: Mapping[ledger.Key, int]) -> int:
    if not guarded or one.report is None:
        return 0
    # the guard also stands before account names and ids in guarded.csv
    keys = (ledger.key(f"{guard}{one.account}", one.account_id and f"{guard}{one.account_id}") for guard in ("", "'"))
    return next((guarded[key] for key in keys if key in guarded), 0)


def _account(
    one: AccountStatus, counts: Mapping[int, dict[Kind, int]], place: int, rows: int, rows_before: int, guarded: int
) -> AccountReview:
    return {
        "account": one.account,
        "account_id": one.account_id,
        "change": one.change,
        "decision": one.decision,
        "sha256": one.sha256,
        "before": one.before,
        "place": place,
        "counts": counts.get(place, _UNCHANGED),
        "alarms": [],
        "file": one.report["file"] if one.report else None,
        "rows": rows,
        "rows_before": rows_before,
        "faults": one.held["faults"] if one.held else 0,
        "guarded": guarded,
    }


_UNCHANGED = dict.fromkeys(KINDS, 0)


def _totals(
    account_statuses: Sequence[AccountStatus], accounts: pl.DataFrame, reviews: Sequence[AccountReview]
) -> Totals:
    """Counts; people of new and gone accounts by the rows of their reports, whether they are listed or not."""
    changes = Counter(one.change for one in account_statuses)
    changed = [review["counts"] for review in reviews if review["change"] == "changed"]
    whole = {change: int(accounts.filter(change=change)[rows].sum()) for change, rows in _WHOLE}
    return {
        "accounts": len(account_statuses) - changes["gone"],
        "new": changes["new"],
        "changed": changes["changed"],
        "unchanged": changes["unchanged"],
        "held": changes["held"],
        "gone": changes["gone"],
        "joined": whole["new"] + sum(counts["joined"] for counts in changed),
        "left": whole["gone"] + sum(counts["left"] for counts in changed),
        "gained": sum(counts["gained"] for counts in changed),
        "lost": sum(counts["lost"] for counts in changed),
        "details": sum(counts["details"] for counts in changed),
        "to_decide": sum(one.decision == "missing" for one in account_statuses),
    }


_WHOLE = (("new", "rows"), ("gone", "rows_before"))


def _worst_first(review: AccountReview) -> tuple[bool, int, bool, str, str]:
    worst = review["alarms"][0]["severity"] if review["alarms"] else _CALM  # they come in this order
    name = fold(review["account"])
    return (
        not review["counts"]["lost"],
        worst,
        review["change"] in ("unchanged", "held"),
        name,
        review["account_id"] or "",
    )


def _group(kind: Any, what: str, people: int, accounts: int, text: str) -> Group:
    return {"kind": kind, "what": what, "people": people, "accounts": accounts, "text": text}
