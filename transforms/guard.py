"""The formula guard: a cell that a spreadsheet would run as a formula gets an apostrophe in front.

What is formula-like is told in `schemas/checks.py`, which also proves that no such cell is left.
"""

from collections.abc import Sequence

import polars as pl

from schemas.checks import is_blank, is_formula_like
from schemas.columns import COLUMNS

TEXT_HEADINGS = tuple(column.heading for column in COLUMNS if column.cell != "flag")


def guard(marked: pl.DataFrame, headings: Sequence[str] = TEXT_HEADINGS) -> pl.DataFrame:
    """The same frame: formula-like cells of the named text columns guarded, cells of blanks only null."""
    return marked.with_columns(
        pl.when(is_formula_like(heading)).then("'" + pl.col(heading)).when(~is_blank(heading)).then(heading).alias(heading)
        for heading in headings
    )


def guarded_cells(marked: pl.DataFrame) -> pl.DataFrame:
    """The cells that `guard` guards: `account`, `row`, `column` (Impartner's name), `cell` (as found), in row order."""
    found = [
        marked.filter(is_formula_like(column.heading)).select(
            "account", "row", column=pl.lit(column.field), cell=pl.col(column.heading)
        )
        for column in COLUMNS
        if column.heading in TEXT_HEADINGS
    ]
    return pl.concat(found).sort("row", maintain_order=True)
