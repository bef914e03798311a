"""Which accounts are held back, and why: the faults of their rows in words, and file names that two would share."""

import polars as pl

from schemas.faults import FILE_NAME_OF_ITS_OWN
from transforms.accounts import Accounts

FAULT_COLUMNS = ("account", "account_id", "row", "column", "found", "rule", "remedy")
NO_FAULTS = pl.DataFrame(schema=dict.fromkeys(FAULT_COLUMNS, pl.String) | {"row": pl.UInt32})


def hold_back(
    accounts: Accounts, named: pl.DataFrame, faults: pl.DataFrame, selected: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The accounts with what is decided about them, and all faults in words.

    named: the same accounts, or more, as `file_names.name_files` gives them. faults: as `checks.find_faults` gives
    them, positions being those of `selected`. Gives the table of accounts with `file`, `faults` (how many hold it back)
    and `held`; and a frame of FAULT_COLUMNS with `at_account` (the account's number) behind them, by row and column.
    """
    files = named.select("account", "file", "file_is_shared")
    table = accounts.table.join(files, on="account", maintain_order="left")
    of_rows = _of_rows(faults, selected, accounts)
    of_names = _of_file_names(table, selected, accounts)
    told = _told(pl.concat([of_rows, of_names]), table)
    counts = told.group_by(pl.col("at_account").alias("account")).agg(faults=pl.len())
    table = table.join(counts, on="account", how="left", maintain_order="left")
    # An account with an id is held by rows of its name that lack the id: they may be its own.
    shared = pl.when(pl.col("account_id").is_not_null()).then("unclear").otherwise(0)
    table = table.with_columns(faults=pl.col("faults").fill_null(0) + shared)
    return table.with_columns(held=pl.col("faults") > 0), told


def _of_rows(faults: pl.DataFrame, selected: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    """at_account, row, column, found, rule, remedy: what was found stands in the cell that the fault is about."""
    parts = [
        part.with_columns(
            at_account=accounts.of_rows.gather(part["at"]),
            row=selected["row"].gather(part["at"]),
            found=selected[str(column)].gather(part["at"]),
        )
        for (column,), part in faults.group_by("column")
    ]
    return pl.concat([_NONE, *(part.select(_NONE.columns) for part in parts)])


def _of_file_names(table: pl.DataFrame, selected: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    same = table.filter("file_is_shared")
    if same.is_empty():
        return _NONE
    first = (
        pl.DataFrame({"account": accounts.of_rows, "row": selected["row"]}).group_by("account").agg(pl.col("row").min())
    )
    rule = FILE_NAME_OF_ITS_OWN
    return same.join(first, on="account").select(
        pl.col("account").alias("at_account"),
        "row",
        pl.lit(rule.column).alias("column"),
        pl.col("file").alias("found"),
        pl.lit(rule.truth).alias("rule"),
        pl.lit(rule.remedy).alias("remedy"),
    )


def _told(faults: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    names = table.select(pl.col("account").alias("at_account"), pl.col("name").alias("account"), "account_id")
    told = faults.join(names, on="at_account", how="left")
    return told.select(*FAULT_COLUMNS, "at_account").sort("row", "column", "account")


_NONE = pl.DataFrame(
    schema={
        "at_account": pl.UInt32,
        "row": pl.UInt32,
        "column": pl.String,
        "found": pl.String,
        "rule": pl.String,
        "remedy": pl.String,
    }
)
