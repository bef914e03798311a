"""What stands in for a missing account id: `0`, `N/A` and the like. `transforms/ids.py` checks whole columns."""

PLACEHOLDERS = (
    "-", "--", "–", "—", "N/A", "NA", "N.A.", "NAN", "NULL", "(NULL)", "NIL", "NONE", "(NONE)", "(BLANK)", "UNDEFINED",
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip


def is_placeholder(account_id: str) -> bool:
    """Whether this is not an id: blank, only zeros, or one of PLACEHOLDERS in any letter case."""
    bare = account_id.strip()
    return not bare.strip("0") or bare.upper() in PLACEHOLDERS
