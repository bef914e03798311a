"""Third transform: every True becomes an X; every False and every blank flag become a blank cell."""

from collections.abc import Sequence

import polars as pl

from schemas.cells import MARK, is_blank, is_flag, unusual_flags
from schemas.columns import COLUMNS, MARKS, Cell

FEW = 4  # spellings


def mark(renamed: pl.DataFrame) -> pl.DataFrame:
    """The same frame with marked flag columns: of type MARK, or String if they may contain other text, which stays.

    Raises AssertionError for a cell that is not a flag: those were held back before, and must not become blank
    silently.
    """
    cells = {column.heading: column.cell for column in COLUMNS if column.cell != "text"}
    unusual = unusual_flags(renamed, [heading for heading in cells if renamed.schema[heading] == pl.String])
    return renamed.with_columns(
        _marked_texts(heading, cell, unusual[heading]) if heading in unusual else _marked_bits(heading, cell)
        for heading, cell in cells.items()
    )


# ----------------------------------------------------------------------------------------------------------------------


def _marked_bits(heading: str, cell: Cell) -> pl.Expr:
    flag, marks = pl.col(heading), _marks(cell)
    return pl.when(flag).then(marks["True"]).when(~flag).then(marks["False"]).alias(heading)


def _marked_texts(heading: str, cell: Cell, unusual: pl.Series) -> pl.Expr:
    """A flag column has few spellings ("True", "FALSE", " true "), so each is checked once, not once per row.

    unusual: the spellings besides "True" and "False".
    """
    if cell == "flag" and _those(unusual, ~is_flag("cell") & ~is_blank("cell")):
        raise AssertionError(f"{heading} has a cell that is not a flag. Please report this; nothing was written")
    marked = pl.lit(None, MARK) if cell == "flag" else pl.col(heading)
    for word, to in _marks(cell).items():
        marked = _put([word, *_those(unusual, is_flag("cell", word))], to, marked, heading)
    return _put(_those(unusual, is_blank("cell")), pl.lit(None), marked, heading)


def _marks(cell: Cell) -> dict[str, pl.Expr]:
    kind = MARK if cell == "flag" else pl.String()
    return {word: pl.lit(mark, kind) for word, mark in MARKS.items()}


def _those(unusual: pl.Series, truth: pl.Expr) -> list[str]:
    """The spellings of which something is true. Usually there are none at all, and asking would take its time."""
    return [] if unusual.is_empty() else unusual.to_frame("cell").filter(truth)["cell"].to_list()


def _put(words: Sequence[str], to: pl.Expr, otherwise: pl.Expr, name: str) -> pl.Expr:
    if not words:
        return otherwise.alias(name)
    few = len(words) <= FEW  # comparing with a few is faster than a set
    is_one = pl.any_horizontal(pl.col(name) == word for word in words[:FEW])
    meant = is_one if few else pl.col(name).is_in(words)
    return pl.when(meant).then(to).otherwise(otherwise).alias(name)
