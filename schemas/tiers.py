"""Partner tiers: the rows of `tiers.csv`, their rules, and what a tier requires.

`exports/home/tiers.py` reads the file; `transforms/tiers.py` finds an account's tier.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.columns import COURSES
from schemas.faults import Fault
from schemas.names import fold, near

COLUMNS = ("tier", "course", "people")


class Tier(NamedTuple):
    """A tier, and how many people it requires in each course."""

    name: str
    people: Mapping[str, int]


class TierRow(NamedTuple):
    """A row of the file, its cells unchanged; `row` is the row number that a spreadsheet shows."""

    row: int
    tier: str
    course: str
    people: str


def tiers_of(rows: Sequence[TierRow]) -> tuple[Tier, ...]:
    """The tiers of rows without faults, in the order in which the file first names them: the lowest first."""
    by_tier: dict[str, tuple[str, dict[str, int]]] = {}
    for row in rows:
        _, people = by_tier.setdefault(fold(row.tier), (row.tier, {}))
        people[_COURSES[fold(row.course)]] = int(row.people)
    return tuple(Tier(name, people) for name, people in by_tier.values())


def tier_faults(rows: Sequence[TierRow]) -> list[Fault]:
    """Every fault of the rows, in their order."""
    faults, seen = list[Fault](), set[tuple[str, str]]()
    for row in rows:
        if not fold(row.tier):
            faults.append(_fault(row, "tier", "A row names its tier", "Write the name of the tier"))
        if fold(row.course) not in _COURSES:
            hint = near(row.course, COURSES).strip()
            remedy = f"{hint or 'Write one of these.'} The courses are: {', '.join(COURSES)}"
            faults.append(_fault(row, "course", "The course is one that reports have", remedy))
        if not _is_count(row.people):
            remedy = f"Write a whole number from 1 to {MOST:,}, in digits only"
            faults.append(_fault(row, "people", "The number of people is a whole number of one or more", remedy))
        key = fold(row.tier), fold(row.course)
        if key in seen:
            remedy = "Keep the row that is right, and remove the other"
            faults.append(_fault(row, "course", "A tier names a course once", remedy))
        seen.add(key)
    return faults


# ---------------------------------------------------------------------------------------------------------------------

MOST = 1_000_000  # people that a tier can require
_COURSES = {fold(course): course for course in COURSES}


def _is_count(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) < len(str(MOST)) + 1 and 1 <= int(cell) <= MOST


def _fault(row: TierRow, column: str, rule: str, remedy: str) -> Fault:
    found = row._asdict()[column]
    return Fault(account="", account_id=None, row=row.row, column=column, found=found, rule=rule, remedy=remedy)
