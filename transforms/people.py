"""What a row's own cells don't say: its account, and whether an earlier row has the same e-mail address."""

import polars as pl

from schemas.checks import RULE
from schemas.columns import EMAIL, FIELDS, ROW
from transforms.accounts import Accounts
from transforms.fold import casefold


def shared_addresses(selected: pl.DataFrame) -> pl.DataFrame:
    """The rows whose e-mail address other rows have too, in any account: `row` and `address`, in order.

    It needs no accounts, so it can run while they are identified. Hashes rule out nearly all rows at once.
    """
    addresses = selected.select(ROW, address=casefold(pl.col(EMAIL).str.strip_chars()))
    hashes = addresses["address"].hash()
    if hashes.n_unique() == hashes.len():
        return addresses.clear()
    return addresses.filter(hashes.is_duplicated() & (pl.col("address") != ""))


def join_accounts(selected: pl.DataFrame, accounts: Accounts, shared: pl.DataFrame) -> pl.DataFrame:
    """A SELECTED frame: `row`, `account`, the fifteen fields, and the rules that each row breaks (`RULE_COLUMNS`).

    shared: the `shared_addresses` of at least these rows.
    """
    people = selected.hstack(accounts.of_rows)
    repeated = pl.col(ROW).is_in(_repeated(people, shared).implode())
    address_rule = pl.when(repeated).then(pl.lit("address_once", RULE))
    return people.select(ROW, "account", *FIELDS, "id_rule", "name_rule", address_rule=address_rule)


# ---------------------------------------------------------------------------------------------------------------------


def _repeated(people: pl.DataFrame, shared: pl.DataFrame) -> pl.Series:
    """The rows whose address an earlier row of the same account has."""
    rows = shared.join(people.select(ROW, "account"), on=ROW, maintain_order="left")
    return rows.filter(~pl.struct("account", "address").is_first_distinct())[ROW]
