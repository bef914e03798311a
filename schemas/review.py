"""The shape of a review: what changed for each account since what is ready, and what is decided.

What changed is one frame, for the page has tens of thousands of changes; `Listed` is the same one by one, as
`review --json` has it. Made by `flows/review/build.py`, shown by `exports/page/render.py` and the terminal.
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
    """Somebody who joined or left, with the courses that the person has (had)."""

    name: str
    email: str
    courses: list[str]


class CourseChange(TypedDict):
    """A course that a person gained or lost."""

    name: str
    email: str
    course: str


class Detail(TypedDict):
    """A cell that changed, of a column that is no course; a blank cell is ""."""

    name: str
    email: str
    field: str
    before: str
    after: str


class Listed(TypedDict):
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
    """What is decided about an account; `by`, `at` and `reason` are "" if nobody has decided."""

    decision: Decision
    by: str
    at: str
    reason: str


class AccountReview(InForce):
    """One account. The keys up to `before` are public, in `review --json`."""

    account: str
    account_id: str | None
    change: Change
    renamed_from: str | None
    sha256: str | None
    before: str | None
    # for the page
    place: int  # of its rows in the review's `changes`
    counts: Mapping[Kind, int]  # how many changes of each kind are listed
    needs_reason: Mapping[str, str]  # the decisions about it that need a reason, and why
    alarms: list[Alarm]
    file: str | None
    rows: int  # of its report, or rows that are held back
    rows_before: int
    faults: int
    guarded: int


FAULT_COLUMNS = ("row", "user_id", "person", "column", "found", "rule", "remedy")


class FaultGroup(TypedDict):
    """The same fault in several accounts. `found` is the most frequent of what was found, None for blank cells."""

    column: str
    rule: str
    remedy: str
    found: str | None
    accounts: int
    faults: int


class Group(TypedDict):
    """Equal changes across accounts: "Sales Core Training gained by 41 people in 12 accounts"."""

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
    """The review of one run. Accounts with something lost come first, then by alarms, then by name."""

    run: str
    page: str
    newer: str | None  # the newest nightly run, if it finished after this one
    totals: Totals
    accounts: list[AccountReview]
    changes: "pl.DataFrame"  # as `transforms.changes.CHANGES`; none of unchanged and held accounts
    faults: "pl.DataFrame"  # `account` (as in `changes`) and FAULT_COLUMNS; of held accounts
    # for the page
    fault_groups: list[FaultGroup]  # every fault of an account, with how many accounts have it
    kind: str
    started: str
    source: str
    rows_read: int
    written: int
    held_rows: int
    groups: list[Group]
    alarms: list[Alarm]  # of the run as a whole


def verdict(totals: Totals) -> str:
    """The run in one line: "212 accounts: 180 unchanged, 29 to review, 2 held, 1 gone"."""
    everybody = totals["accounts"] + totals["gone"]
    parts = [f"{totals['unchanged']:,} unchanged", f"{totals['new'] + totals['changed']:,} to review"]
    parts += [f"{totals['held']:,} held"] if totals["held"] else []
    parts += [f"{totals['gone']:,} gone"] if totals["gone"] else []
    return f"{everybody:,} {'account' if everybody == 1 else 'accounts'}: {', '.join(parts)}"
