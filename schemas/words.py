"""Wording shared by the command, the pages and Prefect: counts with nouns, times, who decided, shortened lists."""

from collections.abc import Sequence


def plural(count: int, one: str, more: str = "") -> str:
    """A count with its noun: "1 report", "2,000 people". more: the plural, if it is not `one` and an s."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def moment(at: str) -> str:
    """A time from a manifest or the ledger, for people: "2026-11-21 02:00 UTC"."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) > 10 else at


def signature(by: str, at: str, reason: str) -> str:
    """Who decided, when and why: "by ines, 2026-11-21 09:12 UTC: they know"; "" if nobody has."""
    why = f": {reason}" if reason else ""
    return f"by {by}, {moment(at)}{why}" if by else ""


def some(names: Sequence[str], limit: int = 10) -> str:
    """The first names of a list, for a sentence: "A, B and 3 more"."""
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
