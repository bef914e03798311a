"""What must be known of a row beyond its own cells: its account, and whether its e-mail address stands there before."""

import polars as pl

from schemas.columns import FIELDS, ROW
from transforms.accounts import Accounts
from transforms.fold import casefold


def join_accounts(selected: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    """A SELECTED frame: `row`, `account`, the fifteen fields, and what is true of each row (`checks.ROW_TRUTHS`)."""
    people = selected.with_columns(account=accounts.of_rows)
    unclear = accounts.table.filter((pl.col("unclear") > 0) & pl.col("account_id").is_null())["account"]
    nobody = accounts.table.filter(pl.col("name") == "")["account"]
    return people.select(
        ROW,
        "account",
        *FIELDS,
        account_there=~pl.col("account").is_in(nobody.implode()),
        id_where_known=~pl.col("account").is_in(unclear.implode()),
        address_once=_is_first(people),
    )


def _is_first(people: pl.DataFrame) -> pl.Series:
    """Whether no row before has the same address in the same account. Hashes tell apart nearly all rows at once."""
    addresses = people.select("account", address=casefold(pl.col("Email").str.strip_chars()))
    hashes = addresses.select(pl.struct("account", "address").hash()).to_series()
    if hashes.n_unique() == people.height:
        return pl.repeat(True, people.height, eager=True)
    doubtful = addresses.with_row_index("at").filter(hashes.is_duplicated() & (pl.col("address") != ""))
    repeated = doubtful.filter(~pl.struct("account", "address").is_first_distinct())["at"]
    return ~pl.int_range(people.height, eager=True).is_in(repeated.implode())
