"""Third transform: every True becomes an X; every False and every blank flag become a blank cell."""

import polars as pl

from schemas.cells import MARK, is_blank, is_flag, spellings
from schemas.columns import COLUMNS, MARKS, Cell

FEW = 4  # spellings


def mark(renamed: pl.DataFrame) -> pl.DataFrame:
    """The same frame with marked flag columns: of type MARK, or String if they may contain other text, which stays.

    Raises AssertionError for a cell that is not a flag: those were held back before, and must not become blank
    silently.
    """
    flags = [column for column in COLUMNS if column.cell != "text"]
    return renamed.with_columns(_marked(renamed[column.heading], column.cell) for column in flags)


# ----------------------------------------------------------------------------------------------------------------------


def _marked(cells: pl.Series, cell: Cell) -> pl.Expr:
    """A flag column has few spellings ("True", "FALSE", " true "), so each is checked once, not once per row."""
    kind = MARK if cell == "flag" else pl.String()
    marks = {word: pl.lit(mark, kind) for word, mark in MARKS.items()}
    flag = pl.col(cells.name)
    if cells.dtype == pl.Boolean:
        return pl.when(flag).then(marks["True"]).when(~flag).then(marks["False"]).alias(cells.name)
    spelled = spellings(cells).to_frame("cell")
    if cell == "flag" and not spelled.filter(~is_flag("cell") & ~is_blank("cell")).is_empty():
        raise AssertionError(f"{cells.name} has a cell that is not a flag. Please report this; nothing was written")
    marked = pl.lit(None, MARK) if cell == "flag" else flag
    for word, to in marks.items():
        marked = _put(spelled.filter(is_flag("cell", word))["cell"], to, marked, cells.name)
    return _put(spelled.filter(is_blank("cell"))["cell"], pl.lit(None, kind), marked, cells.name)


def _put(words: pl.Series, to: pl.Expr, otherwise: pl.Expr, name: str) -> pl.Expr:
    if words.is_empty():
        return otherwise.alias(name)
    few = words.len() <= FEW  # comparing with a few is faster than a set
    is_one = pl.any_horizontal(pl.col(name) == word for word in words.head(FEW))
    meant = is_one if few else pl.col(name).is_in(words.implode())
    return pl.when(meant).then(to).otherwise(otherwise).alias(name)
