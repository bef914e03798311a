"""What must be known of a row beyond its own cells: its account, and whether its e-mail address stands there before."""

import polars as pl

from schemas.columns import FIELDS, ROW
from transforms.accounts import Accounts
from transforms.fold import casefold


def shared_addresses(selected: pl.DataFrame) -> pl.DataFrame:
    """The rows whose e-mail address stands in other rows too, whatever their account: `row` and `address`, in order.

    No account is needed for that, so both can be found at the same time. Hashes tell apart nearly all rows at once.
    """
    addresses = selected.select(ROW, address=casefold(pl.col("Email").str.strip_chars()))
    hashes = addresses["address"].hash()
    if hashes.n_unique() == hashes.len():
        return addresses.clear()
    return addresses.filter(hashes.is_duplicated() & (pl.col("address") != ""))


def join_accounts(selected: pl.DataFrame, accounts: Accounts, shared: pl.DataFrame) -> pl.DataFrame:
    """A SELECTED frame: `row`, `account`, the fifteen fields, and what is true of each row (`faults.ROW_TRUTHS`).

    shared: the `shared_addresses` of these rows, or of more.
    """
    people = selected.with_columns(account=accounts.of_rows)
    unclear = accounts.table.filter((pl.col("unclear") > 0) & pl.col("account_id").is_null())["account"]
    nobody = accounts.table.filter(pl.col("name") == "")["account"]
    return people.select(
        ROW,
        "account",
        *FIELDS,
        account_there=~pl.col("account").is_in(nobody.implode()),
        id_where_known=~pl.col("account").is_in(unclear.implode()),
        address_once=~pl.col(ROW).is_in(_repeated(people, shared).implode()),
    )


def _repeated(people: pl.DataFrame, shared: pl.DataFrame) -> pl.Series:
    """The rows whose address stands in a row before, in the same account."""
    found = shared.join(people.select(ROW, "account"), on=ROW, maintain_order="left")
    return found.filter(~pl.struct("account", "address").is_first_distinct())[ROW]
