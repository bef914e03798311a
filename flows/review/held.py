"""Reads why accounts are held back: the faults in a run's faults.csv, by account."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exports.home import ledger
from exports.home.layout import FAULTS
from exports.home.status import RunStatus
from schemas.profiles import SEPARATORS, profile_of
from schemas.review import FAULT_COLUMNS


def faults_of(state: RunStatus) -> pl.DataFrame:
    """One row per fault: `account` (its index in the state's accounts) and FAULT_COLUMNS, in the order of the file.

    A fault of a row that may belong to several accounts is listed once. Empty if the file is gone.
    """
    held = {ledger.key(one.account, one.account_id): index for index, one in enumerate(state.accounts) if one.held}
    path = state.run_folder / FAULTS
    if not held or not path.exists():
        return NO_FAULTS
    table = read_table(path)
    pairs = table.select("account", "account_id").unique()
    indexes = [_index(account or "", account_id, held) for account, account_id in pairs.iter_rows()]
    known = pairs.with_columns(index=pl.Series(indexes, dtype=pl.UInt32)).drop_nulls("index")
    missing = [pl.lit(None, pl.String).alias(name) for name in FAULT_COLUMNS if name not in table.columns]
    faults = table.with_columns(missing).join(
        known, on=["account", "account_id"], nulls_equal=True, maintain_order="left"
    )
    return faults.select(pl.col("index").alias("account"), *FAULT_COLUMNS)


def read_table(path: Path) -> pl.DataFrame:
    """A table of a run (faults.csv, guarded.csv, garbled.csv) as texts; blank cells are null."""
    data = path.read_bytes()
    heading = data[: data.index(b"\n") + 1]
    return pl.read_csv(data, separator=SEPARATORS[profile_of(heading)], infer_schema=False)


def unguarded(account: str, account_id: str | None) -> tuple[ledger.Key, ...]:
    """The keys of the accounts that a table's name and id may mean: an apostrophe before them may be the guard's."""
    bare = account.removeprefix("'"), account_id.removeprefix("'") if account_id else account_id
    return ledger.key(account, account_id), ledger.key(*bare)


NO_FAULTS = pl.DataFrame(schema={"account": pl.UInt32} | dict.fromkeys(FAULT_COLUMNS, pl.String))


def _index(account: str, account_id: str | None, held: Mapping[ledger.Key, int]) -> int | None:
    return next((held[key] for key in unguarded(account, account_id) if key in held), None)
