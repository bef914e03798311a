"""Why accounts are held back: the faults of a run, as its faults.csv has them, by account."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exports.home import ledger
from exports.home.layout import FAULTS
from exports.home.status import RunStatus
from schemas.profiles import SEPARATORS, profile_of
from schemas.review import FAULT_COLUMNS


def faults_of(state: RunStatus) -> pl.DataFrame:
    """One row a fault: `account` (the place in the state's accounts) and FAULT_COLUMNS, in the order of the file.

    Faults of rows that may be several accounts' are listed once. There are none if somebody took the file away.
    """
    held = {ledger.key(one.account, one.account_id): place for place, one in enumerate(state.accounts) if one.held}
    path = state.run_folder / FAULTS
    if not held or not path.exists():
        return NO_FAULTS
    table = read_table(path)
    pairs = table.select("account", "account_id").unique()
    places = [_place(account or "", account_id, held) for account, account_id in pairs.iter_rows()]
    known = pairs.with_columns(place=pl.Series(places, dtype=pl.UInt32)).drop_nulls("place")
    missing = [pl.lit(None, pl.String).alias(name) for name in FAULT_COLUMNS if name not in table.columns]
    faults = table.with_columns(missing).join(
        known, on=["account", "account_id"], nulls_equal=True, maintain_order="left"
    )
    return faults.select(pl.col("place").alias("account"), *FAULT_COLUMNS)


def read_table(path: Path) -> pl.DataFrame:
    """A table of a run (faults.csv, guarded.csv) as texts; null is a blank cell."""
    data = path.read_bytes()
    heading = data[: data.index(b"\n") + 1]
    return pl.read_csv(data, separator=SEPARATORS[profile_of(heading)], infer_schema=False)


def unguarded(account: str, account_id: str | None) -> tuple[ledger.Key, ...]:
    """The accounts that such cells of a table may be about: the guard also stands before names and ids there."""
    bare = account.removeprefix("'"), account_id.removeprefix("'") if account_id else account_id
    return ledger.key(account, account_id), ledger.key(*bare)


NO_FAULTS = pl.DataFrame(schema={"account": pl.UInt32} | dict.fromkeys(FAULT_COLUMNS, pl.String))


def _place(account: str, account_id: str | None, held: Mapping[ledger.Key, int]) -> int | None:
    return next((held[key] for key in unguarded(account, account_id) if key in held), None)
