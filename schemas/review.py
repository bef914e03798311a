"""The shape of a review: what changed for each account since what is ready, and what is decided.

The keys up to `details` are the public `review --json`; those after the comment "for the page" are for people's eyes
only. Made by `exports/review.py`, shown by `exports/page.py` and the terminal.
"""

from typing import Literal, TypedDict

Change = Literal["new", "changed", "unchanged", "held", "gone"]
Decision = Literal["missing", "approved", "held", "rejected", "not needed"]


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
    """A cell of columns 1-10 that changed; a blank cell is ""."""

    name: str
    email: str
    field: str
    before: str
    after: str


class Alarm(TypedDict):
    """Something a reviewer should see first. `severity` 1 is the worst; `kind` is a short slug, `text` a sentence."""

    severity: int
    kind: str
    text: str


class AccountReview(TypedDict):
    """One account. Lists are empty for unchanged and held accounts."""

    account: str
    account_id: str | None
    change: Change
    decision: Decision
    sha256: str | None
    before: str | None
    joined: list[Person]
    left: list[Person]
    gained: list[CourseChange]
    lost: list[CourseChange]
    details: list[Detail]
    # for the page
    alarms: list[Alarm]
    file: str | None
    rows: int
    rows_before: int
    faults: int
    guarded: int


class Group(TypedDict):
    """Equal changes across accounts: "Sales Core Training gained by 41 people in 12 accounts"."""

    kind: Literal["lost", "gained", "details", "joined", "left"]
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
    totals: Totals
    accounts: list[AccountReview]
    # for the page
    kind: str
    started: str
    source: str
    rows_read: int
    written: int
    held_rows: int
    groups: list[Group]
    alarms: list[Alarm]  # of the run as a whole
