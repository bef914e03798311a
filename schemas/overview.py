"""The shape of an overview: counts over all ready reports. Made by `flows/overview.py`, shown by
`exports/page/overview.py`."""

from collections.abc import Mapping
from typing import TypedDict

from schemas.manifest import Night


class CourseOverview(TypedDict):
    """A course: how many people have it, and how many accounts have somebody with it."""

    course: str
    people: int
    accounts: int


class AccountOverview(TypedDict):
    """An account: its people, how many have each course, its tier, the next one, and what it lacks for that."""

    account: str
    account_id: str | None
    people: int
    courses: Mapping[str, int]
    tier: str | None
    next: str | None
    lacks: Mapping[str, int]


class TierOverview(TypedDict):
    """A tier: how many accounts have it, and how many people with each course it asks for."""

    tier: str
    accounts: int
    asks: Mapping[str, int]


class Overview(TypedDict):
    """Accounts by name; nightly runs, newest first. The keys up to `runs` are public: `overview --json`."""

    courses: list[CourseOverview]
    accounts: list[AccountOverview]
    runs: list[Night]
    # for the page
    people: int
    certified: int  # people with any course
    released: str  # when something last became ready; "" if nothing is
    tiers: list[TierOverview]  # the lowest first
