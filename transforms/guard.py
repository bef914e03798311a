"""The formula guard: a cell that a spreadsheet would run as a formula gets a leading apostrophe.

`schemas/cells.py` says what is formula-like; `schemas/stages.py` proves that no such cell is left.
"""

from collections.abc import Sequence

import polars as pl

from schemas.cells import is_blank, is_formula_like
from schemas.columns import COLUMNS, TEXT_HEADINGS

FIELD_OF = {column.heading: column.field for column in COLUMNS}


def guard(marked: pl.DataFrame, headings: Sequence[str] = TEXT_HEADINGS) -> pl.DataFrame:
    """The same frame, in these text columns with formula-like cells guarded and blank cells null."""
    return marked.with_columns(_guarded(heading) for heading in headings)


def guarded_cells(marked: pl.DataFrame, headings: Sequence[str] = TEXT_HEADINGS) -> pl.DataFrame:
    """The cells that `guard` changes: `account`, `row`, `column` (Impartner's name), `cell` (unguarded), by row."""
    guarded = [
        marked.filter(is_formula_like(heading)).select(
            "account", "row", column=pl.lit(FIELD_OF[heading]), cell=pl.col(heading)
        )
        for heading in headings
    ]
    return pl.concat([_NONE, *guarded]).sort("row", maintain_order=True)


def _guarded(heading: str) -> pl.Expr:
    harmless = pl.when(~is_blank(heading)).then(heading)
    return pl.when(is_formula_like(heading)).then("'" + pl.col(heading)).otherwise(harmless).alias(heading)


_NONE = pl.DataFrame(schema={"account": pl.UInt32, "row": pl.UInt32, "column": pl.String, "cell": pl.String})
