"""Finding the one account that a person means, by name or id, forgiving letter case and blanks."""

from __future__ import annotations

import unicodedata

import polars as pl

from schemas.errors import ExportRefused

NEAR_NAMES = 3


def choose(accounts: pl.DataFrame, wanted: str) -> pl.Series:
    """The number(s) of the account with this name or id; raises ExportRefused if there is none, or more than one.

    accounts: `account`, `name`, `account_id`, `unclear`. Rows that carry the name without its id come along: they hold
    the account back.
    """
    key = _key(wanted)
    named = accounts.filter(pl.col("name") != "").with_columns(
        _name=pl.Series([_key(name) for name in accounts["name"] if name], dtype=pl.String),
    )
    named = named.with_columns(_id=pl.Series([_key(i or "") for i in named["account_id"]], dtype=pl.String))
    meant = named.filter((pl.col("_name") == key) | (pl.col("_id") == key))
    along = meant.filter((pl.col("unclear") > 0) & pl.col("account_id").is_null())
    candidates = meant.filter(~pl.col("account").is_in(along["account"].implode()))
    if candidates.is_empty():
        raise ExportRefused(_unknown(wanted, named))
    if candidates.height > 1:
        raise ExportRefused(_ambiguous(wanted, candidates))
    name = _key(candidates["name"].item())
    return named.filter(
        (pl.col("account") == candidates["account"].item())
        | ((pl.col("unclear") > 0) & pl.col("account_id").is_null() & (pl.col("_name") == name))
    )["account"]


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _unknown(wanted: str, named: pl.DataFrame) -> str:
    from rapidfuzz import fuzz, process

    near = process.extract(
        _key(wanted), named["_name"].to_list(), scorer=fuzz.WRatio, limit=NEAR_NAMES, score_cutoff=60
    )
    names = [named["name"][place] for _, _, place in near]
    hint = f" Did you mean {' or '.join(map(repr, names))}?" if names else ""
    return f"The export has no account {wanted!r}.{hint} Give the name or the id as Impartner has it"


def _ambiguous(wanted: str, candidates: pl.DataFrame) -> str:
    ids = ", ".join(f"{i or 'no id'} ({name})" for name, i in candidates.select("name", "account_id").iter_rows())
    return f"{wanted!r} could be one of {candidates.height} accounts: {ids}. Give the id of the one you mean"
