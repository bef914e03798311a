"""Which row belongs to which account, and what an account is called.

An account is its id where a row has one, else its name (trimmed, NFC, letter case ignored). There are some thousands of
accounts to a million rows, so rows are put together by the spelling of their two account cells first, and all thinking
is done on those few spellings. File names are the work of `transforms/file_names.py`.
"""

from typing import NamedTuple

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from transforms.fold import casefold, trimmed


class Accounts(NamedTuple):
    """Who is there.

    table: one row an account, in the order of its name: `account` (UInt32, from 0), `name` ("" for the rows without an
    account), `account_id` (null if it has none), `name_key` (for comparing), `rows`, `unclear` (UInt32: rows that
    carry a name of this account but no id, while others carry it with one) and `unclear_names` (their name_keys).
    of_rows: the `account` of every row of the frame, in its order.
    """

    table: pl.DataFrame
    of_rows: pl.Series


def identify(selected: pl.DataFrame) -> Accounts:
    """The accounts of a frame with the columns Account ID and Account Name."""
    spellings = _spellings(selected)
    table = _table(spellings.drop("places"))
    members = spellings.join(table, on=["account_id", "no_id_key"], nulls_equal=True)
    places = members.select("account", at="places").explode("at")
    of_rows = pl.zeros(selected.height, pl.UInt32, eager=True).scatter(places["at"], places["account"])
    return Accounts(table.drop("no_id_key"), of_rows.alias("account"))


def only(chosen: pl.Series, accounts: Accounts, selected: pl.DataFrame) -> tuple[Accounts, pl.DataFrame]:
    """The chosen accounts (their numbers) and their rows, without all others."""
    rows = accounts.of_rows.is_in(chosen.implode())
    table = accounts.table.filter(pl.col("account").is_in(chosen.implode()))
    return Accounts(table, accounts.of_rows.filter(rows)), selected.filter(rows)


def _spellings(selected: pl.DataFrame) -> pl.DataFrame:
    """One row a spelling: account_id, name, name_key, no_id_key, rows, and the places of its rows in the frame."""
    cells = selected.select(ACCOUNT_ID, ACCOUNT_NAME, places=pl.int_range(pl.len(), dtype=pl.UInt32))
    raw = cells.group_by(ACCOUNT_ID, ACCOUNT_NAME).agg("places")
    named = raw.select(
        "places",
        account_id=trimmed(pl.col(ACCOUNT_ID)),
        name=trimmed(pl.col(ACCOUNT_NAME)).str.normalize("NFC"),
        rows=pl.col("places").list.len(),
    )
    keyed = named.with_columns(name_key=casefold(pl.col("name")))
    return keyed.with_columns(no_id_key=pl.when(pl.col("account_id").is_null()).then("name_key"))


def _table(spellings: pl.DataFrame) -> pl.DataFrame:
    identity = ["account_id", "no_id_key"]
    names = spellings.group_by(*identity, "name").agg(pl.col("rows").sum()).drop_nulls("name")
    most_frequent = names.sort("rows", "name", descending=[True, False]).unique(
        identity, keep="first", maintain_order=True
    )
    rows = spellings.group_by(identity).agg(pl.col("rows").sum())
    table = rows.join(_unclear(spellings), on=identity, how="left", nulls_equal=True)
    table = table.join(most_frequent.drop("rows"), on=identity, how="left", nulls_equal=True)
    table = table.with_columns(name=pl.coalesce("name", "account_id", pl.lit("")))
    table = table.with_columns(name_key=casefold(pl.col("name"))).sort("name_key", "name", "account_id")
    return table.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("account"),
        "name",
        "account_id",
        "name_key",
        "rows",
        pl.col("unclear").fill_null(0),
        pl.col("unclear_names").fill_null([]),
        "no_id_key",
    )


def _unclear(spellings: pl.DataFrame) -> pl.DataFrame:
    """For each account: how many rows carry one of its names without an id, while other rows carry it with one."""
    with_id = pl.col("account_id").is_not_null()
    unclear = (
        spellings.drop_nulls("name_key")
        .group_by("name_key")
        .agg(unclear=pl.col("rows").filter(~with_id).sum(), known=with_id.any())
        .filter(pl.col("known") & (pl.col("unclear") > 0))
    )
    shared = spellings.select("account_id", "no_id_key", "name_key").unique().join(unclear, on="name_key")
    return shared.group_by("account_id", "no_id_key").agg(
        pl.col("unclear").sum(), unclear_names=pl.col("name_key").sort()
    )
