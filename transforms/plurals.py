"""Counts with their nouns, for whole columns. For one count there is `schemas.words.plural`."""

import polars as pl


def plural(count: str, one: str, more: str) -> pl.Expr:
    """Each count of a column with its noun: "1 person", "12 people"."""
    return pl.when(pl.col(count) == 1).then(pl.lit(f"1 {one}")).otherwise(pl.format(f"{{}} {more}", count))
