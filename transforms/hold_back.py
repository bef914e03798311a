"""Which accounts are held back, and why: faults of their rows, and file names that two accounts would share."""

import polars as pl

from schemas.columns import EMAIL, FULL_NAME, ROW, USER_ID
from schemas.faults import OWN_FILE_NAME, Origin
from schemas.values import is_address, is_error, is_only_hashes
from transforms.accounts import Accounts
from transforms.fold import trimmed

FAULT_COLUMNS = ("account", "account_id", "row", "person", "user_id", "column", "found", "rule", "remedy")
NO_FAULTS = pl.DataFrame(schema=dict.fromkeys(FAULT_COLUMNS, pl.String) | {"row": pl.UInt32})


def hold_back(
    accounts: Accounts, named: pl.DataFrame, faults: pl.DataFrame, selected: pl.DataFrame, origin: Origin = "text"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table of accounts with `file`, `faults` (how many hold it back) and `held`; and all faults in words, as
    FAULT_COLUMNS and `at_account` (the account's number), by row and column.

    named: the same accounts, or more, from `file_names.name_files`. faults: from `stages.find_faults` on `selected`.
    """
    files = named.select("account", "file", "file_is_shared")
    table = accounts.table.join(files, on="account", maintain_order="left")
    in_words = _in_words(
        pl.concat([_of_rows(faults, selected, accounts), _of_file_names(table, selected, accounts)]), table
    )
    own = in_words.select(account="at_account", faults=pl.lit(1, pl.UInt32))
    doubts = accounts.doubts.select("account", faults="rows")
    counts = pl.concat([own, doubts]).group_by("account").agg(pl.col("faults").sum())
    table = table.join(counts, on="account", how="left", maintain_order="left")
    table = table.with_columns(pl.col("faults").fill_null(0))
    if origin == "pull":  # its row numbers mean nothing to people
        in_words = in_words.with_columns(row=pl.lit(None, pl.UInt32))
    return table.with_columns(held=pl.col("faults") > 0), in_words


# ---------------------------------------------------------------------------------------------------------------------


def _of_rows(faults: pl.DataFrame, selected: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    """In the columns _FAULTS; `found` is the faulty cell."""
    parts = [
        selected[part["at"]]
        .with_columns(part.drop("at"), at_account=accounts.of_rows["account"].gather(part["at"]), person=_person())
        .with_columns(_user_id(selected), found=str(column))
        .select(_FAULTS.names())
        for (column,), part in faults.group_by("column")
    ]
    return pl.concat([_FAULTS.to_frame(), *parts])


def _user_id(selected: pl.DataFrame) -> pl.Expr:
    return (pl.col(USER_ID) if USER_ID in selected.columns else pl.lit(None, pl.String)).alias(USER_ID)


def _person() -> pl.Expr:
    """Whose row it is: "Ana Sol <ana@contoso.example>", or just the name or address if only that is valid."""
    name = pl.when(~is_error(FULL_NAME), ~is_only_hashes(FULL_NAME)).then(trimmed(pl.col(FULL_NAME)))
    address = pl.when(is_address(EMAIL)).then(trimmed(pl.col(EMAIL)))
    return pl.coalesce(pl.format("{} <{}>", name, address), name, address)


def _of_file_names(table: pl.DataFrame, selected: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    same = table.filter("file_is_shared")
    if same.is_empty():
        return _FAULTS.to_frame()
    rows = pl.DataFrame([accounts.of_rows["account"], selected[ROW]])
    rule, nothing = OWN_FILE_NAME, pl.lit(None, pl.String)
    return same.join(rows.group_by("account").agg(pl.col(ROW).min()), on="account").select(
        pl.col("account").alias("at_account"),
        ROW,
        nothing.alias("person"),
        nothing.alias(USER_ID),
        pl.lit(rule.column).alias("column"),
        pl.col("file").alias("found"),
        pl.lit(rule.truth).alias("rule"),
        pl.lit(rule.remedy).alias("remedy"),
    )


def _in_words(faults: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The same with the names of accounts, by row and column."""
    names = table.select(pl.col("account").alias("at_account"), pl.col("name").alias("account"), "account_id")
    named = faults.join(names, on="at_account", how="left")
    return named.select(*FAULT_COLUMNS, "at_account").sort(ROW, "column", "account")


_FAULTS = pl.Schema(
    {
        "at_account": pl.UInt32(),
        ROW: pl.UInt32(),
        "person": pl.String(),
        USER_ID: pl.String(),
        "column": pl.String(),
        "found": pl.String(),
        "rule": pl.String(),
        "remedy": pl.String(),
    }
)
