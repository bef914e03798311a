"""Third transform: every True becomes an X, every False and every blank flag a blank cell."""

import polars as pl

from schemas.checks import is_blank, is_flag
from schemas.columns import COLUMNS, MARKS


def mark(renamed: pl.DataFrame) -> pl.DataFrame:
    """The same frame with its flag columns marked. What is no flag stays as it is, for the next check to find.

    A flag column has few spellings ("True", "FALSE", " true "), so each is looked at once, not once a row.
    """
    flags = [column.heading for column in COLUMNS if column.cell != "text"]
    return renamed.with_columns(_marked(renamed[heading]) for heading in flags)


def _marked(cells: pl.Series) -> pl.Series:
    spellings = cells.unique().drop_nulls().to_frame("cell")
    marks = spellings.filter(is_flag("cell") | is_blank("cell")).with_columns(
        mark=pl.coalesce(*(pl.when(is_flag("cell", word)).then(pl.lit(to)) for word, to in MARKS.items()))
    )
    return cells.replace(marks["cell"], marks["mark"])
