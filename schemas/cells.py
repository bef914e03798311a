"""What a cell is: blank, a flag, or formula-like. Polars expressions for whole columns.

`schemas/stages.py` says which cells a stage allows; `transforms` change them.
"""

from collections.abc import Sequence

import polars as pl

from schemas.columns import MARKS, PHONE

MARK = pl.Enum([mark for mark in MARKS.values() if mark])  # a cell of a flag column in a report
FORMULA_SIGNS = "=+\\-@＝＋－＠"  # and their full-width forms


def is_blank(column: str) -> pl.Expr:
    """Whether a cell is empty or only white space (as Unicode defines it)."""
    return pl.col(column).is_null() | (pl.col(column).str.strip_chars() == "")


def is_flag(column: str, word: str = "|".join(MARKS)) -> pl.Expr:
    """Whether a cell is True or False (or just `word`), ignoring letter case and blanks around it."""
    return pl.col(column).str.contains(rf"(?i)^\s*(?:{word})\s*$")


def unusual_flags(frame: pl.DataFrame, columns: Sequence[str]) -> dict[str, pl.Series]:
    """The distinct texts of each flag column, without null, "True" and "False". There are few, and often none."""
    distinct = frame.select(_unusual(pl.col(column)).unique().implode() for column in columns)
    return {column: distinct[column].item() for column in columns}


def is_formula_like(column: str) -> pl.Expr:
    """Whether a spreadsheet might run the cell as a formula; it doesn't with phones, numbers and lone dashes."""
    return _starts_like_a_formula(column) & ~_is_number_or_phone(column) & ~is_blank(column)


def columns_to_guard(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """The text columns with a formula-like cell, or with a cell that is blank but not null.

    Nearly all cells begin with a letter or a digit, or are phones. Each kind is filtered out in turn, the fastest
    first, and only the rest is examined in full.
    """
    left = {column: frame.select(column) for column in columns}
    for is_harmless in (_begins_with_letter, _begins_with_digit, _is_number_or_phone):
        parts = pl.collect_all(part.lazy().filter(~is_harmless(column)) for column, part in left.items())
        left = {column: part for column, part in zip(left, parts, strict=True) if not part.is_empty()}
    return [column for column, part in left.items() if part.select(_starts_like_a_formula(column).any()).item()]


# ---------------------------------------------------------------------------------------------------------------------


def _unusual(flag: pl.Expr) -> pl.Expr:
    return flag.filter(pl.all_horizontal(flag != word for word in MARKS))  # far faster than `unique` on all cells


def _begins_with_letter(column: str) -> pl.Expr:
    """Or with one of the characters between the capital and the small ASCII letters."""
    return pl.col(column).is_between(pl.lit("A"), pl.lit("{"), closed="left")


def _begins_with_digit(column: str) -> pl.Expr:
    return pl.col(column).is_between(pl.lit("0"), pl.lit(":"), closed="left")


def _is_number_or_phone(column: str) -> pl.Expr:
    """The column Phone allows more of what people write in a phone number."""
    return pl.col(column).str.contains(_PHONE if column == PHONE else rf"^ *[{_SIGNS}][ {_SIGNS}]*$")


_SIGNS = r"0-9+\-().\/"
_DASHES = "\u058a\u2010-\u2015\u2212\u2e3a\u2e3b\u301c\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d"
_THIN = "\u00a0\u2007\u2009\u200a\u202f"  # non-breaking and thin spaces
_IN_PHONES = f"{_SIGNS}{_DASHES}"
# One extension may follow, after at least six digits: "+49 30 123456 ext. 45", "(0)30/123456x45"
_EXTENSION = rf"(?:[ {_THIN}]*(?i:x|ext\.?)[ {_THIN}]*[0-9]+ *)"
_PHONE = (
    rf"^[ {_THIN}]*[{_IN_PHONES}][ {_THIN}{_IN_PHONES}]*$"
    rf"|^[ {_THIN}]*(?:[ {_THIN}{_IN_PHONES}]*[0-9]){{6}}[ {_THIN}{_IN_PHONES}]*{_EXTENSION}$"
)


def _starts_like_a_formula(column: str) -> pl.Expr:
    return pl.col(column).str.contains(rf"^(?:\s*(?:[{FORMULA_SIGNS}]|$)|[\t\r\n])")
