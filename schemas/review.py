"""The shape of a review: how each account differs from what is ready, and what was decided.

The changes are one frame, because a page can have tens of thousands; `ListedChanges` has them one by one, as in
`review --json`. `flows/review/build.py` makes a review; `exports/page/render.py` and the terminal show it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

if TYPE_CHECKING:
    import polars as pl

Change = Literal["new", "changed", "unchanged", "held", "gone"]
Decision = Literal["missing", "approved", "held", "rejected", "not needed"]
Policy = Literal["none", "gains", "valid"]  # what is approved without a reviewer
Kind = Literal["lost", "gained", "joined", "left", "details"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # of changes, worst first


class Person(TypedDict):
    """Somebody who joined or left, with the courses that they have (had)."""

    name: str
    email: str
    courses: list[str]


class CourseChange(TypedDict):
    """A course that a person gained or lost."""

    name: str
    email: str
    course: str


class Detail(TypedDict):
    """A changed cell in a column that is not a course; a blank cell is ""."""

    name: str
    email: str
    field: str
    before: str
    after: str


class ListedChanges(TypedDict):
    """The changes of one account, one by one."""

    joined: list[Person]
    left: list[Person]
    gained: list[CourseChange]
    lost: list[CourseChange]
    details: list[Detail]


class Alarm(TypedDict):
    """Something a reviewer should see first. `severity` 1 is the worst; `kind` is a short slug, `text` a sentence."""

    severity: int
    kind: str
    text: str


class InForce(TypedDict):
    """The decision about an account; `by`, `at` and `reason` are "" if nobody has decided."""

    decision: Decision
    by: str
    at: str
    reason: str


class AccountReview(InForce):
    """One account. The keys up to `before` are public: `review --json`."""

    account: str
    account_id: str | None
    change: Change
    renamed_from: str | None
    sha256: str | None
    before: str | None
    # for the page
    index: int  # the `account` of its rows in the review's `changes`
    counts: Mapping[Kind, int]  # how many changes of each kind it has
    needs_reason: Mapping[str, str]  # the decisions that need a reason, and why
    alarms: list[Alarm]
    file: str | None
    rows: int  # of its report, or held back
    rows_before: int
    faults: int
    guarded: int


FAULT_COLUMNS = ("row", "user_id", "person", "column", "found", "rule", "remedy")


class FaultGroup(TypedDict):
    """The same fault in several accounts. `found` is the most frequent cell, None for blank ones."""

    column: str
    rule: str
    remedy: str
    found: str | None
    accounts: int
    faults: int


class Group(TypedDict):
    """The same change in several accounts: "Sales Core Training gained by 41 people in 12 accounts"."""

    kind: Kind
    what: str  # the course or field; "" for joined and left
    people: int
    accounts: int
    text: str


class Totals(TypedDict):
    """Counts over all accounts of the run."""

    accounts: int
    new: int
    changed: int
    unchanged: int
    held: int
    gone: int
    renamed: int  # among the changed ones
    joined: int
    left: int
    gained: int
    lost: int
    details: int
    to_decide: int


class Review(TypedDict):
    """The review of one run. Accounts with a loss come first, then by alarms, then by name."""

    run: str
    page: str
    newer: str | None  # the newest nightly run, if it finished after this one
    totals: Totals
    accounts: list[AccountReview]
    changes: "pl.DataFrame"  # in the columns `transforms.changes.CHANGES`; not of unchanged and held accounts
    faults: "pl.DataFrame"  # of held accounts: `account` (as in `changes`) and FAULT_COLUMNS
    # for the page
    fault_groups: list[FaultGroup]  # every fault, with how many accounts have it
    kind: str
    started: str
    source: str
    rows_read: int
    written: int
    held_rows: int
    groups: list[Group]
    alarms: list[Alarm]  # of the run as a whole


def headline(totals: Totals) -> str:
    """The run in one line: "212 accounts: 180 unchanged, 29 to review, 2 held, 1 gone"."""
    everybody = totals["accounts"] + totals["gone"]
    parts = [f"{totals['unchanged']:,} unchanged", f"{totals['new'] + totals['changed']:,} to review"]
    parts += [f"{totals['held']:,} held"] if totals["held"] else []
    parts += [f"{totals['gone']:,} gone"] if totals["gone"] else []
    return f"{everybody:,} {'account' if everybody == 1 else 'accounts'}: {', '.join(parts)}"
