"""Third transform: every True becomes an X, every False and every blank flag a blank cell."""

import polars as pl

from schemas.checks import is_blank, is_flag, spellings
from schemas.columns import COLUMNS, MARKS

FEW = 4  # spellings


def mark(renamed: pl.DataFrame) -> pl.DataFrame:
    """The same frame with its flag columns marked. What is no flag stays as it is, for the next check to find.

    A flag column has few spellings ("True", "FALSE", " true "), so each is looked at once, not once a row.
    """
    flags = [column.heading for column in COLUMNS if column.cell != "text"]
    return renamed.with_columns(_marked(renamed[heading]) for heading in flags)


def _marked(cells: pl.Series) -> pl.Expr:
    found = spellings(cells).to_frame("cell")
    marked = pl.col(cells.name)
    for word, to in MARKS.items():
        marked = _put(found.filter(is_flag("cell", word))["cell"], to, marked, cells.name)
    return _put(found.filter(is_blank("cell"))["cell"], None, marked, cells.name)


def _put(words: pl.Series, to: str | None, otherwise: pl.Expr, name: str) -> pl.Expr:
    if words.is_empty():
        return otherwise
    few = words.len() <= FEW  # comparing is quicker than looking up, if it is with few
    is_one = pl.any_horizontal(pl.col(name) == word for word in words.head(FEW))
    meant = is_one if few else pl.col(name).is_in(words.implode())
    return pl.when(meant).then(pl.lit(to, pl.String)).otherwise(otherwise).alias(name)
