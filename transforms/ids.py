"""Texts that can't be an account's id or name: the rule that each breaks (`checks.RULE`), null if none.

Meant for the few spellings of the account cells, not for every row.
"""

import polars as pl

from schemas.checks import RULE
from schemas.faults import Origin
from schemas.letters import LOST
from schemas.names import INVISIBLE
from schemas.placeholders import PLACEHOLDERS
from schemas.values import is_error, is_only_hashes, lacks_letters


def broken_id(column: str, origin: Origin) -> pl.Expr:
    """The rule that an id breaks. Ids are compared exactly, so a wrong one would be another account's, or shared by
    several."""
    cell = pl.col(column).str.strip_chars()
    broken = (
        pl.when(is_error(column)).then(_rule("id_no_error"))
        .when(is_only_hashes(column)).then(_rule("id_no_hashes"))
        .when(cell.str.to_uppercase().is_in(PLACEHOLDERS) | cell.str.contains("^0+$")).then(_rule("id_no_placeholder"))
        .when(cell.str.contains(r"^[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-][0-9]+$")).then(_rule("id_in_full"))
        .when(cell.str.contains(_FORMATTED)).then(_rule("id_unformatted"))
        .when(cell.str.starts_with("'")).then(_rule("id_unquoted"))
        .when(cell.str.contains(f"[{INVISIBLE}{LOST}]")).then(_rule("id_visible"))
    )  # fmt: skip
    if origin == "workbook":
        broken = broken.when(cell.str.contains("^[0-9]{16,}$")).then(_rule("id_within_15"))
    return broken.otherwise(None)


def broken_name(column: str) -> pl.Expr:
    """The rule that a name breaks."""
    return (
        pl.when(is_error(column)).then(_rule("name_no_error"))
        .when(is_only_hashes(column)).then(_rule("name_no_hashes"))
        .when(lacks_letters(column)).then(_rule("name_all_letters"))
        .otherwise(None)
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------

# A number with decimals or thousands separators: 1295686.0, 1,295,686, 12,95,686, 1'295'686
_FORMATTED = r"^[+-]?(?:[0-9]+[.,][0-9]+|[0-9]{1,3}(?:[.,'’\s][0-9]{2,3})*[.,'’\s][0-9]{3}(?:[.,][0-9]+)?)$"


def _rule(name: str) -> pl.Expr:
    return pl.lit(name, RULE)
