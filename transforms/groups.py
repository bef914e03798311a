"""The same change, or the same fault, in several accounts: one group with its counts.

Frame in, frame out. Changes come from `transforms/changes.py`, faults from `transforms/hold_back.py`.
"""

import polars as pl

from schemas.review import KINDS
from transforms.plurals import plural


def change_groups(changes: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The same change in several accounts: `kind`, `what`, `people`, `accounts`, `text`; worst kind first, then
    largest.

    Everybody in a new account joined and everybody in a gone one left, whether `changes` lists them or not.
    """
    whole = accounts.filter(pl.col("change").is_in(["new", "gone"]))
    listed = changes.join(whole, on="account", how="anti").select("account", "kind", "what", people=pl.lit(1, pl.Int64))
    joined = _everyone(whole.filter(pl.col("change") == "new"), "joined", "rows")
    left = _everyone(whole.filter(pl.col("change") == "gone"), "left", "rows_before")
    return (
        pl.concat([listed, joined, left])
        .group_by("kind", "what")
        .agg(pl.col("people").sum(), accounts=pl.col("account").n_unique())
        .with_columns(text=_group_text())
        .sort(pl.col("kind").replace_strict(_GROUP_ORDER, return_dtype=pl.UInt8), -pl.col("people"), "what")
        .select(pl.col("kind").cast(pl.String), pl.col("what").fill_null(""), "people", "accounts", "text")
    )


def fault_groups(faults: pl.DataFrame) -> pl.DataFrame:
    """The same fault in several accounts: `column`, `rule`, `remedy`, `found` (the most frequent one), `accounts`,
    `faults`; most accounts first.

    faults: `account` and the texts of each fault.
    """
    return (
        faults.group_by("column", "rule", "remedy")
        .agg(
            pl.col("found").drop_nulls().mode().sort().first(),
            accounts=pl.col("account").n_unique(),
            faults=pl.len(),
        )
        .sort(-pl.col("accounts").cast(pl.Int64), -pl.col("faults").cast(pl.Int64), "column", "rule")
    )


# ---------------------------------------------------------------------------------------------------------------------

_GROUP_ORDER = {kind: place for place, kind in enumerate(("lost", "gained", "details", "joined", "left"))}


def _everyone(accounts: pl.DataFrame, kind: str, rows: str) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String).alias("what")
    return accounts.select(
        "account", pl.lit(kind, pl.Enum(KINDS)).alias("kind"), nothing, people=pl.col(rows).cast(pl.Int64)
    )


def _group_text() -> pl.Expr:
    people, accounts = plural("people", "person", "people"), plural("accounts", "account", "accounts")
    kind, what = pl.col("kind"), pl.col("what")
    return (
        pl.when(kind == "details")
        .then(pl.format("{} changed for {} in {}", what, people, accounts))
        .when(kind.is_in(["lost", "gained"]))
        .then(pl.format("{} {} by {} in {}", what, kind.cast(pl.String), people, accounts))
        .otherwise(pl.format("{} {} in {}", people, kind.cast(pl.String), accounts))
    )
