"""Third transform: every True becomes an X, every False and every blank flag a blank cell."""

import polars as pl

from schemas.cells import MARK, is_blank, is_flag, spellings
from schemas.columns import COLUMNS, MARKS, Cell

FEW = 4  # spellings


def mark(renamed: pl.DataFrame) -> pl.DataFrame:
    """The same frame with its flag columns marked: MARK, and String where there may be other text, which stays.

    Raises AssertionError if a flag is none: faults were held back before, and it must not become a silent blank.
    """
    flags = [column for column in COLUMNS if column.cell != "text"]
    return renamed.with_columns(_marked(renamed[column.heading], column.cell) for column in flags)


def _marked(cells: pl.Series, cell: Cell) -> pl.Expr:
    """A flag column has few spellings ("True", "FALSE", " true "), so each is checked once, not once a row."""
    kind = MARK if cell == "flag" else pl.String()
    marks = {word: pl.lit(mark, kind) for word, mark in MARKS.items()}
    flag = pl.col(cells.name)
    if cells.dtype == pl.Boolean:
        return pl.when(flag).then(marks["True"]).when(~flag).then(marks["False"]).alias(cells.name)
    spelled = spellings(cells).to_frame("cell")
    if cell == "flag" and not spelled.filter(~is_flag("cell") & ~is_blank("cell")).is_empty():
        raise AssertionError(f"The column {cells.name} holds what is no flag. Please report this; nothing was written")
    marked = pl.lit(None, MARK) if cell == "flag" else flag
    for word, to in marks.items():
        marked = _put(spelled.filter(is_flag("cell", word))["cell"], to, marked, cells.name)
    return _put(spelled.filter(is_blank("cell"))["cell"], pl.lit(None, kind), marked, cells.name)


def _put(words: pl.Series, to: pl.Expr, otherwise: pl.Expr, name: str) -> pl.Expr:
    if words.is_empty():
        return otherwise.alias(name)
    few = words.len() <= FEW  # comparing with a few is quicker than a set
    is_one = pl.any_horizontal(pl.col(name) == word for word in words.head(FEW))
    meant = is_one if few else pl.col(name).is_in(words.implode())
    return pl.when(meant).then(to).otherwise(otherwise).alias(name)
