"""Second transform: training fields are renamed to courses."""

import polars as pl

from schemas.columns import RENAMES


def rename(selected: pl.DataFrame) -> pl.DataFrame:
    """The same frame with the report's headings: training fields get the names of the courses."""
    return selected.rename(RENAMES)
