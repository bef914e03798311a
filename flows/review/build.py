"""Builds the review of a run: its accounts, what changed, alarms, groups, counts.

`compare.py` chooses what is compared; `transforms` compares and finds alarms, as frames with an account's index in the
run's status. `exports/page/render.py` makes the page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl

from exports.home.layout import PAGE, Home
from exports.home.runs import put
from exports.home.status import AccountStatus, RunStatus, run_status
from exports.page.render import render
from flows.review.alike import names_of_others
from flows.review.compare import NO_CHANGES, Counts, accounts_frame, changes, counts, many_whole
from flows.review.held import faults_of
from flows.review.reasons import reasons
from flows.review.recipients import Changed, changed_recipients
from schemas.manifest import Manifest
from schemas.names import fold
from schemas.review import AccountReview, Alarm, FaultGroup, Group, InForce, Review, Totals
from transforms import alarms, groups
from transforms.look_alikes import look_alikes


def review(home: Home, run: str = "latest", *, people_of_new: bool = True) -> Review:
    """The review of a run id or `latest`. Reads only; raises WrongUsage for an unknown run, NotAllowed if a report
    that must be compared is gone or altered.

    Without `people_of_new`, the people of new and gone accounts are only counted if they are more than
    `flows.review.compare.LISTED`: after a first run, nobody reads a million names.
    """
    return review_of(run_status(home, home.manifest(run)), people_of_new=people_of_new)


def review_of(state: RunStatus, *, people_of_new: bool = True) -> Review:
    """As `review`, for a status that has been read."""
    accounts = accounts_frame(state)
    changed = changes(state, whole=people_of_new or not many_whole(state.accounts))
    recipients = changed_recipients(state.home, state.accounts)
    reviews = _account_reviews(state.accounts, accounts, changed, recipients, names_of_others(state))
    faults, manifest = faults_of(state), state.manifest
    return {
        "run": state.run,
        "page": str(state.home.runs / state.run / PAGE),
        "newer": state.newer,
        "totals": _totals(state.accounts, accounts, reviews),
        "accounts": sorted(reviews, key=_worst_first),
        "changes": changed,
        "faults": faults,
        "fault_groups": [_fault_group(*row) for row in groups.fault_groups(faults).iter_rows()],
        "kind": manifest["kind"],
        "started": manifest["started"],
        "source": manifest["source"]["name"],
        "rows_read": manifest["totals"]["rows_read"],
        "written": manifest["totals"]["people"],
        "held_rows": sum(account["rows"] for account in manifest["held"]),
        "groups": [_group(*row) for row in groups.change_groups(changed, accounts).iter_rows()],
        "alarms": _alarms(manifest, changed, accounts, recipients),
    }


def compare(manifest: Manifest, home: Home, folder: Path) -> Review:
    """Compare a run that is still staged in `folder` with ready/, and write the review page there."""
    review = review_of(run_status(home, manifest, folder), people_of_new=False)
    put(folder / PAGE, render(review))
    return review


def decision_of(one: AccountStatus) -> InForce:
    """The decision about an account: by whom, when and why."""
    line = one.decision_line
    by, at, reason = (line["by"], line["at"], line["reason"]) if line else ("", "", "")
    return {"decision": one.decision, "by": by, "at": at, "reason": reason}


# ----------------------------------------------------------------------------------------------------------------------

LOOK_ALIKE = 3  # as severe as a new name
_NO_ALARM = 99  # sorts after every severity


def _alarms(
    manifest: Manifest, changed: pl.DataFrame, accounts: pl.DataFrame, recipients: Mapping[int, Changed]
) -> list[Alarm]:
    """The alarms about the run as a whole, then those about its recipients."""
    of_run = alarms.run_alarms(
        changed, accounts, manifest["totals"]["rows_read"], manifest["source"].get("empty_columns", ())
    )
    return [
        *(Alarm(severity=severity, kind=kind, text=text) for severity, kind, text in of_run.iter_rows()),
        *(one.alarm for one in sorted(recipients.values())),
    ]


def _account_reviews(
    account_statuses: Sequence[AccountStatus],
    accounts: pl.DataFrame,
    changed: pl.DataFrame,
    recipients: Mapping[int, Changed],
    others: Sequence[str],
) -> list[AccountReview]:
    """Every account with its counts and alarms. accounts: what `compare.accounts_frame` returns; others: names to find
    look-alikes among."""
    counted = counts(changed)
    numbers = accounts.select("account", "rows", "rows_before", "guarded").iter_rows()
    reviews = [_account(one, counted, *facts) for one, facts in zip(account_statuses, numbers, strict=True)]
    for index, severity, kind, text in alarms.account_alarms(changed, accounts).iter_rows():
        reviews[index]["alarms"].append({"severity": severity, "kind": kind, "text": text})
    for index, one in recipients.items():
        _add(reviews[index], one.alarm)
    for index, text in look_alikes([one.account for one in account_statuses], others).items():
        if account_statuses[index].change in ("new", "changed"):
            _add(reviews[index], {"severity": LOOK_ALIKE, "kind": "look-alike", "text": text})
    return reviews


def _add(review: AccountReview, alarm: Alarm) -> None:
    """Add an alarm; the worst come first."""
    review["alarms"].append(alarm)
    review["alarms"].sort(key=itemgetter("severity"))


def _account(
    one: AccountStatus, counted: Mapping[int, Counts], index: int, rows: int, rows_before: int, guarded: int
) -> AccountReview:
    of_account = counted.get(index, NO_CHANGES)
    return {
        "account": one.account,
        "account_id": one.account_id,
        "change": one.change,
        "renamed_from": one.renamed_from,
        **decision_of(one),
        "sha256": one.sha256,
        "before": one.before,
        "index": index,
        "counts": of_account,
        "alarms": [],
        "file": one.report["file"] if one.report else None,
        "rows": rows,
        "rows_before": rows_before,
        "faults": one.held["faults"] if one.held else 0,
        "guarded": guarded,
        "needs_reason": reasons(one, of_account),
    }


def _totals(
    account_statuses: Sequence[AccountStatus], accounts: pl.DataFrame, reviews: Sequence[AccountReview]
) -> Totals:
    """The counts. People of new and gone accounts are the rows of their reports, whether they are listed or not."""
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
        "renamed": sum(review["renamed_from"] is not None for review in reviews),
        "joined": whole["new"] + sum(counts["joined"] for counts in changed),
        "left": whole["gone"] + sum(counts["left"] for counts in changed),
        "gained": sum(counts["gained"] for counts in changed),
        "lost": sum(counts["lost"] for counts in changed),
        "details": sum(counts["details"] for counts in changed),
        "to_decide": sum(one.decision == "missing" for one in account_statuses),
    }


_WHOLE = (("new", "rows"), ("gone", "rows_before"))


def _worst_first(review: AccountReview) -> tuple[bool, int, bool, str, str]:
    worst = review["alarms"][0]["severity"] if review["alarms"] else _NO_ALARM  # alarms are sorted
    name = fold(review["account"])
    return (
        not review["counts"]["lost"],
        worst,
        review["change"] in ("unchanged", "held"),
        name,
        review["account_id"] or "",
    )


def _fault_group(column: str, rule: str, remedy: str, found: str | None, accounts: int, faults: int) -> FaultGroup:
    return {"column": column, "rule": rule, "remedy": remedy, "found": found, "accounts": accounts, "faults": faults}


def _group(kind: Any, what: str, people: int, accounts: int, text: str) -> Group:
    return {"kind": kind, "what": what, "people": people, "accounts": accounts, "text": text}
