"""The data of Morning, and of the page of any other run. Deciding and releasing are in `deciding.py`."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from desk.account import account_data, counted_text
from desk.current import Snapshot
from desk.live_review import ReviewedRun
from exports.home.status import AccountStatus, RunStatus
from schemas.review import AccountReview, headline
from schemas.words import plural

LISTED = 300  # accounts in the queue of one page


@dataclass(frozen=True)
class Progress:
    """How many accounts need a decision, are decided, and wait for the release."""

    to_decide: int
    decided: int
    to_release: int

    @property
    def text(self) -> str:
        """ "12 of 35 decided"."""
        return f"{self.decided:,} of {self.to_decide:,} decided"

    @property
    def release_text(self) -> str:
        """The label of the button: "Release 12 reports"."""
        return f"Release {plural(self.to_release, 'report')}"


def progress(reviewed: ReviewedRun, status: RunStatus) -> Progress:
    """Count the accounts that need a decision."""
    counts = Counter(status.accounts[index].decision for index in reviewed.keys)
    return Progress(counts.total(), counts.total() - counts["missing"], counts["approved"])


def morning(snapshot: Snapshot, reviewed: ReviewedRun, status: RunStatus, wanted: str | None) -> dict[str, Any]:
    """The data of the page. `wanted`: the key of the account to show first; if None, the first undecided one."""
    far = progress(reviewed, status)
    keys = list(reviewed.accounts)
    if len(keys) > LISTED:  # leave out decided ones; the rest follow when the page is loaded again
        keys = [key for key in keys if reviewed.status(status, key).decision == "missing" or key == wanted] or keys
    items = [_item(key, reviewed.accounts[key], reviewed.status(status, key)) for key in keys[:LISTED]]
    current = wanted if wanted in reviewed.accounts else _first(items)
    return {
        "run": status.run,
        "newer": status.newer,
        "version": snapshot.version,
        "headline": headline(reviewed.review["totals"]),
        "finished": status.manifest["finished"],
        "source": reviewed.review["source"],
        "progress": far.text,
        "to_decide": far.to_decide,
        "decided": far.decided,
        "to_release": far.to_release,
        "release_words": far.release_text,
        "alarms": reviewed.review["alarms"],
        "queue": items,
        "more": max(0, len(keys) - LISTED),
        "current": current and account_data(reviewed, status, current),
        "nothing": _nothing(reviewed),
        "held": reviewed.held,
    }


# ---------------------------------------------------------------------------------------------------------------------


def _item(key: str, one: AccountReview, status: AccountStatus) -> dict[str, Any]:
    return {"key": key, "account": one["account"], "summary": _summary(one), "decision": status.decision}


def _first(items: list[dict[str, Any]]) -> str | None:
    missing = (item["key"] for item in items if item["decision"] == "missing")
    return next(missing, items[0]["key"] if items else None)


def _summary(one: AccountReview) -> str:
    if one["change"] == "new":
        return f"new: {plural(one['rows'], 'person', 'people')}"
    if one["change"] == "gone":
        return f"gone: {plural(one['rows_before'], 'person', 'people')}"
    renamed = ["renamed"] if one["renamed_from"] else []
    counts = [counted_text(kind, count) for kind, count in one["counts"].items() if count]
    return ", ".join([*renamed, *counts]) or "only bytes differ"


def _nothing(reviewed: ReviewedRun) -> str:
    if reviewed.held and reviewed.held.is_everything:
        return "Every account is held back by faults, so no report can go out. What to correct is listed below."
    if reviewed.held:
        held = plural(reviewed.held.accounts, "account")
        return f"Nothing waits for a decision, but faults hold {held} back. What to correct is listed below."
    return "Nothing waits for a decision: every report is ready already."
