"""Texts for comparing, whole columns at a time: trimmed, without letter case, or folded like names."""

import polars as pl

from schemas.names import fold


def trimmed(text: pl.Expr) -> pl.Expr:
    """The text without Unicode white space around it; null if nothing is left."""
    bare = text.str.strip_chars()
    return pl.when(bare != "").then(bare)


def folded(names: pl.Expr) -> pl.Expr:
    """Names for comparing (`schemas.names.fold`), null if nothing is left. Slow, one by one: only for few of them."""
    return names.map_batches(_folded, return_dtype=pl.String)


def casefold(text: pl.Expr) -> pl.Expr:
    """The text under Unicode's full case folding ("STRASSE" = "Straße"), which polars does not have."""
    return text.map_batches(_casefold, return_dtype=pl.String)


# ---------------------------------------------------------------------------------------------------------------------


def _folded(names: pl.Series) -> pl.Series:
    return pl.Series(names.name, [fold(name or "") or None for name in names], dtype=pl.String)


def _casefold(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase()  # the same as case folding for ASCII
    foreign = texts.filter(texts.str.len_bytes() != texts.str.len_chars()).unique()
    if foreign.is_empty():
        return lower
    words = pl.Series([text.casefold() for text in foreign], dtype=pl.String)
    return texts.replace_strict(foreign, words, default=lower, return_dtype=pl.String)
