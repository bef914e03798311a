"""Words that command, page and Prefect share: counts with their nouns. What is counted is decided elsewhere."""

from collections.abc import Sequence


def plural(count: int, one: str, more: str = "") -> str:
    """A count with its noun: "1 report", "2,000 people"; the plural takes an `s` if `more` is not given."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def some(names: Sequence[str], limit: int = 10) -> str:
    """The first of some names in a sentence: "A, B and 3 more"."""
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
