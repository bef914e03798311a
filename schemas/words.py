"""Words that command, page and Prefect share: counts with their nouns. What is counted is decided elsewhere."""


def plural(count: int, one: str, more: str = "") -> str:
    """A count with its noun: "1 report", "2,000 people"; the plural takes an `s` if `more` is not given."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
