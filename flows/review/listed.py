"""The changes of a review one by one, for the terminal and `review --json`. The page renders whole columns instead."""

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from schemas.review import Detail, ListedChanges


def listed(changes: pl.DataFrame) -> Mapping[int, ListedChanges]:
    """The changes of a review one by one, by the index of their account; a blank cell is ""."""
    lists: dict[int, ListedChanges] = defaultdict(_nothing)
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


# ---------------------------------------------------------------------------------------------------------------------

_CELLS = ("kind", "account", "name", "email", "what", "before", "after", "courses")


def _nothing() -> ListedChanges:
    return {"joined": [], "left": [], "gained": [], "lost": [], "details": []}
