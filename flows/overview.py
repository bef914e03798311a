"""The overview of all ready reports: people by course and account, the nightly runs, what the next tier still takes.

Counts only, no names of people. The page is made in `exports/page/overview.py`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from exports.home import ready, tiers
from exports.home.layout import Home, reports_folder
from exports.reports.read import Stored, read_reports
from schemas.columns import COURSES, MARKS
from schemas.manifest import ReadyRow
from schemas.names import fold
from schemas.overview import AccountOverview, CourseOverview, Overview, TierOverview
from schemas.tiers import Tier
from transforms.tiers import tier_status


def overview(home: Home) -> Overview:
    """The current overview. Reads only.

    Raises WrongUsage if tiers.csv is wrong, and NotAllowed if a ready report is gone or altered.
    """
    known, given = tiers.read(home), tiers.read_given(home)
    folder = ready.current(home)
    rows = ready.rows_of(folder) if folder else []
    counts = _counts(home, folder, rows)
    courses = counts.select(COURSES).iter_rows(named=True)
    accounts = [_account(row, people, known, given) for row, people in zip(rows, courses, strict=True)]
    return {
        "courses": _courses(counts),
        "accounts": sorted(accounts, key=lambda one: (fold(one["account"]), one["account_id"] or "")),
        "runs": home.nights(),
        "people": sum(row["rows"] for row in rows),
        "certified": int(counts["certified"].sum()),
        "released": max((row["approved_at"] for row in rows), default=""),
        "tiers": _tiers(known, accounts),
    }


# ---------------------------------------------------------------------------------------------------------------------

_MARK = MARKS["True"]


def _counts(home: Home, folder: Path | None, rows: Sequence[ReadyRow]) -> pl.DataFrame:
    """How many people of each ready report have any course (`certified`), and each course; one row per report."""
    spare = {run: reports_folder(home, run) for run in {row["run"] for row in rows}}
    stored = [Stored(index, (folder or home.ready, spare[row["run"]]), row) for index, row in enumerate(rows)]
    people = read_reports(stored, COURSES)
    has = [pl.col(course).eq(_MARK).fill_null(value=False) for course in COURSES]
    marked = people.select("account", *has, certified=pl.any_horizontal(has))
    sums = marked.group_by("account").agg(pl.col("certified", *COURSES).sum())
    every = pl.DataFrame({"account": pl.Series(range(len(rows)), dtype=pl.UInt32)})
    return every.join(sums, on="account", how="left", maintain_order="left").fill_null(0)


def _courses(counts: pl.DataFrame) -> list[CourseOverview]:
    people, accounts = counts.select(COURSES).sum(), counts.select(pl.col(COURSES).gt(0).sum())
    return [
        {"course": course, "people": int(people[course].sum()), "accounts": int(accounts[course].sum())}
        for course in COURSES
    ]


def _account(
    row: ReadyRow, people: Mapping[str, int], known: Sequence[Tier], given: Mapping[str, str]
) -> AccountOverview:
    status = tier_status(known, people, given.get(row["account_id"] or ""))
    return {
        "account": row["account"],
        "account_id": row["account_id"],
        "people": row["rows"],
        "courses": people,
        "tier": status.tier,
        "next": status.next,
        "lacks": status.lacks,
    }


def _tiers(known: Sequence[Tier], accounts: Sequence[AccountOverview]) -> list[TierOverview]:
    """The tiers of the file, then those that only Impartner has."""
    names = {fold(tier.name): tier.name for tier in known}
    names |= {fold(one["tier"]): one["tier"] for one in accounts if one["tier"] and fold(one["tier"]) not in names}
    counts: dict[str, int] = dict.fromkeys(names, 0)
    for one in accounts:
        if one["tier"]:
            counts[fold(one["tier"])] += 1
    asks: dict[str, Mapping[str, int]] = {fold(tier.name): tier.people for tier in known}
    return [{"tier": name, "accounts": counts[key], "asks": asks.get(key, {})} for key, name in names.items()]
