"""Words that command, page and Prefect share: counts with their nouns, times, who decided. What is counted is decided
elsewhere."""

from collections.abc import Sequence


def plural(count: int, one: str, more: str = "") -> str:
    """A count with its noun: "1 report", "2,000 people"; the plural takes an `s` if `more` is not given."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def moment(at: str) -> str:
    """A time of a manifest or the ledger for a person: "2026-11-21 02:00 UTC"."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) > 10 else at


def signature(by: str, at: str, reason: str) -> str:
    """Who decided, when and why: "by ines, 2026-11-21 09:12 UTC: they know"; nothing if nobody has."""
    why = f": {reason}" if reason else ""
    return f"by {by}, {moment(at)}{why}" if by else ""


def some(names: Sequence[str], limit: int = 10) -> str:
    """The first of some names in a sentence: "A, B and 3 more"."""
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
