"""The accounts that are held back, by fault: what is wrong, what to do, and whom it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from desk.keys import key_of
from schemas.review import AccountReview, FaultGroup, Review

GROUPS = 30  # kinds of faults that are listed: an export with more needs mending as a whole
CELLS = 10  # listed of each kind


@dataclass(frozen=True)
class Fault:
    """One kind of fault: the rule that is broken, the remedy, and the first cells that break it."""

    rule: str
    remedy: str
    accounts: int
    cells: Sequence[dict[str, Any]]  # account, partner (the key of its page), person, column, row, user_id, found
    more: int


@dataclass(frozen=True)
class Held:
    """What is held back. `unexplained` accounts have no fault of their own, but rows that may belong to them do."""

    accounts: int
    is_everything: bool
    faults: Sequence[Fault]
    more: int  # kinds of faults that are not listed
    unexplained: Sequence[tuple[str, str]]  # name, and key of its page


def held(review: Review) -> Held | None:
    """What is held back in a review; None if nothing is."""
    accounts = {one["index"]: one for one in review["accounts"] if one["change"] == "held"}
    if not accounts:
        return None
    groups, faults = review["fault_groups"], review["faults"]
    explained = set(faults["account"].unique())
    return Held(
        accounts=len(accounts),
        is_everything=len(accounts) == review["totals"]["accounts"],
        faults=[_fault(group, faults, accounts) for group in groups[:GROUPS]],
        more=max(0, len(groups) - GROUPS),
        unexplained=[_link(one) for index, one in accounts.items() if index not in explained],
    )


# ---------------------------------------------------------------------------------------------------------------------


def _fault(group: FaultGroup, faults: pl.DataFrame, accounts: dict[int, AccountReview]) -> Fault:
    known = (pl.col(name).eq_missing(pl.lit(group[name])) for name in ("column", "rule", "remedy"))
    first = faults.filter(*known).head(CELLS).to_dicts()
    cells = [cell | dict(zip(("account", "partner"), _link(accounts[cell["account"]]), strict=True)) for cell in first]
    return Fault(group["rule"], group["remedy"], group["accounts"], cells, group["faults"] - len(cells))


def _link(one: AccountReview) -> tuple[str, str]:
    return one["account"], key_of(one["account"], one["account_id"]) if one["account"] else ""
