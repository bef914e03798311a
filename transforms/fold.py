"""Comparing texts: without blanks around them, without letter case. Both as Unicode has it."""

import polars as pl


def trimmed(text: pl.Expr) -> pl.Expr:
    """The text without white space (Unicode's) around it; null if nothing is left."""
    bare = text.str.strip_chars()
    return pl.when(bare != "").then(bare)


def casefold(text: pl.Expr) -> pl.Expr:
    """The text under Unicode's full case folding ("STRASSE" = "Straße"), which polars does not have."""
    return text.map_batches(_casefold, return_dtype=pl.String)


def _casefold(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase()  # is the same as folding where all is ASCII
    foreign = texts.filter(texts.str.len_bytes() != texts.str.len_chars()).unique()
    if foreign.is_empty():
        return lower
    folded = pl.Series([text.casefold() for text in foreign], dtype=pl.String)
    return texts.replace_strict(foreign, folded, default=lower, return_dtype=pl.String)
