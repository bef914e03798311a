"""Which row belongs to which account, the account's name, and which rows cast doubt on it.

An account is its id if the row has one, else its name (compared by `schemas.names.fold`). A million rows have some
thousands of accounts, so rows are first grouped by the texts of their two account cells (a spelling), and all work is
done on these few spellings. `transforms/ids.py` finds texts that can't be ids, `transforms/file_names.py` makes file
names, and `transforms/hold_back.py` decides what a doubt leads to.
"""

from typing import NamedTuple

import polars as pl

from schemas.checks import RULE
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.faults import Origin
from transforms.fold import folded, trimmed
from transforms.ids import broken_id, broken_name

DOUBTS = pl.Schema({"account": pl.UInt32(), "by": pl.UInt32(), "rows": pl.UInt32()})


class Accounts(NamedTuple):
    """The accounts of a frame.

    table: one row per account, by name: `account` (UInt32, from 0), `name` ("" for the rows without an account),
    `account_id` (null if it has none), `name_key` (for comparing) and `rows`.
    of_rows: for each row of the frame, in its order, `account`, and in `id_rule` and `name_rule` the rules that its
    account cells break (`checks.RULE`, null if none).
    doubts: in the columns DOUBTS: this many `rows` of the account `by` may belong to `account`.
    """

    table: pl.DataFrame
    of_rows: pl.DataFrame
    doubts: pl.DataFrame


def identify(selected: pl.DataFrame, origin: Origin = "text") -> Accounts:
    """The accounts of a frame with the columns Account ID and Account Name."""
    spellings = _spellings(selected, origin)
    table = _table(spellings)
    members = spellings.join(
        table.select("account", "account_id", "no_id_key", shown="name_key"),
        on=["account_id", "no_id_key"],
        nulls_equal=True,
    )
    by_name = _by_name(members)
    judged = _judged(members, by_name["by"])
    places = judged.select("account", at="places").explode("at")
    account = pl.zeros(selected.height, pl.UInt32, eager=True).scatter(places["at"], places["account"])
    rules = [_rules(judged, name, selected.height) for name in ("id_rule", "name_rule")]
    of_rows = pl.DataFrame([account.alias("account"), *rules])
    beside = _neighbours(of_rows).group_by("account", "by").agg(rows=pl.len()) if origin != "pull" else _NO_DOUBTS
    return Accounts(table.drop("no_id_key"), of_rows, pl.concat([by_name, beside.select(DOUBTS.names())]))


def only(chosen: int, accounts: Accounts, selected: pl.DataFrame) -> tuple[Accounts, pl.DataFrame]:
    """One account, by number, with its rows and those of others that cast doubt on it."""
    doubts = accounts.doubts.filter(account=chosen)
    number = accounts.of_rows["account"]
    taken = number == chosen
    if not doubts.is_empty():
        beside = _neighbours(accounts.of_rows).filter(pl.col("by").is_in(doubts["by"].implode()), account=chosen)
        others = doubts["by"].filter(~doubts["by"].is_in(beside["by"].implode()))
        at = pl.int_range(selected.height, dtype=pl.UInt32, eager=True)
        taken |= number.is_in(others.implode()) | at.is_in(beside["at"].implode())
    of_rows = accounts.of_rows.filter(taken)
    counts = of_rows.group_by("account").agg(rows=pl.len())
    table = accounts.table.drop("rows").join(counts, on="account", maintain_order="left")
    return Accounts(table.select(accounts.table.columns), of_rows, doubts), selected.filter(taken)


# ---------------------------------------------------------------------------------------------------------------------

_NO_DOUBTS = DOUBTS.to_frame()


def _spellings(selected: pl.DataFrame, origin: Origin) -> pl.DataFrame:
    """One row per spelling: account_id, name, name_key, no_id_key, rows, places (positions of its rows in the frame),
    id_cell (null if blank), and the rules that its two cells break."""
    cells = selected.select(ACCOUNT_ID, ACCOUNT_NAME, places=pl.int_range(pl.len(), dtype=pl.UInt32))
    raw = cells.group_by(ACCOUNT_ID, ACCOUNT_NAME).agg("places")
    named = raw.select(
        "places",
        id_cell=trimmed(pl.col(ACCOUNT_ID)),
        id_rule=broken_id(ACCOUNT_ID, origin),
        name=trimmed(pl.col(ACCOUNT_NAME)).str.normalize("NFC"),
        name_key=folded(pl.col(ACCOUNT_NAME)),
        name_rule=broken_name(ACCOUNT_NAME),
        rows=pl.col("places").list.len(),
    )
    keyed = named.with_columns(
        name=pl.when(pl.col("name_key").is_not_null()).then("name"),
        account_id=pl.when(pl.col("id_rule").is_null()).then("id_cell"),
    )
    return keyed.with_columns(no_id_key=pl.when(pl.col("account_id").is_null()).then("name_key"))


def _table(spellings: pl.DataFrame) -> pl.DataFrame:
    """The accounts, with `no_id_key`: what identifies those without an id."""
    identity = ["account_id", "no_id_key"]
    names = spellings.group_by(*identity, "name").agg(pl.col("rows").sum()).drop_nulls("name")
    most_frequent = names.sort("rows", "name", descending=[True, False]).unique(
        identity, keep="first", maintain_order=True
    )
    rows = spellings.group_by(identity).agg(pl.col("rows").sum())
    table = rows.join(most_frequent.drop("rows"), on=identity, how="left", nulls_equal=True)
    table = table.with_columns(name=pl.coalesce("name", "account_id", pl.lit("")))
    table = table.with_columns(name_key=folded(pl.col("name")).fill_null("")).sort("name_key", "name", "account_id")
    number = pl.int_range(pl.len(), dtype=pl.UInt32).alias("account")
    return table.select(number, "name", "account_id", "name_key", "rows", "no_id_key")


def _by_name(members: pl.DataFrame) -> pl.DataFrame:
    """Doubts about accounts with an id: rows that have one of their names, but no valid id."""
    has_id = pl.col("account_id").is_not_null()
    known = members.filter(has_id).select("account", "name_key").unique()
    others = members.filter(~has_id).group_by("name_key", by="account").agg(pl.col("rows").sum())
    return known.join(others, on="name_key").select(DOUBTS.names())


def _judged(members: pl.DataFrame, unclear: pl.Series) -> pl.DataFrame:
    """The spellings with the rules that they break when seen together. unclear: accounts without an id, whose name
    others have with an id."""
    lacks_id = pl.col("account").is_in(unclear.implode())
    nobody = pl.col("name_key").is_null() & pl.col("id_cell").is_null()
    misnamed = pl.col("account_id").is_not_null() & (pl.col("name_key") != pl.col("shown"))
    return members.with_columns(
        id_rule=pl.coalesce("id_rule", pl.when(lacks_id).then(pl.lit("id_where_known", RULE))),
        name_rule=pl.coalesce(
            "name_rule",
            pl.when(nobody).then(pl.lit("account_there", RULE)),
            pl.when(misnamed).then(pl.lit("one_name", RULE)),
        ),
    )


def _rules(judged: pl.DataFrame, name: str, height: int) -> pl.Series:
    """The rule that each row breaks, null if none. Nearly always no row breaks one."""
    broken = judged.drop_nulls(name).select(name, at="places").explode("at")
    rules = pl.repeat(None, height, dtype=pl.UInt8, eager=True)
    if not broken.is_empty():
        rules = rules.scatter(broken["at"], broken[name].to_physical().cast(pl.UInt8))
    return rules.cat.to(RULE).alias(name)


def _neighbours(of_rows: pl.DataFrame) -> pl.DataFrame:
    """Each row that names no account, with the nearest account above and below, because it is one of theirs if only the
    first row of a group names the account. Columns: `at` (the row's position), `by` (the number of the rows without an
    account), `account`."""
    nobody = pl.col("name_rule") == "account_there"
    if not of_rows.select(nobody.any()).item():
        return pl.DataFrame(schema={"at": pl.UInt32, "by": pl.UInt32, "account": pl.UInt32})
    named = pl.when(nobody.is_null() | ~nobody).then("account")
    filled = of_rows.select(
        at=pl.int_range(pl.len(), dtype=pl.UInt32),
        by=pl.when(nobody).then("account"),
        above=named.forward_fill(),
        below=named.backward_fill(),
    ).drop_nulls("by")
    grouped = filled.drop_nulls("above")  # rows above the first group can't belong to any
    beside = grouped.unpivot(["above", "below"], index=["at", "by"], value_name="account").drop("variable")
    return beside.drop_nulls("account").unique()
