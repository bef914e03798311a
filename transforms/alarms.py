"""What a reviewer should see first: alarms, worst first, and equal changes of many accounts as one group.

Frame in, frame out; the sentences count people and never name them. The changes come from `transforms/changes.py`.
"""

from collections.abc import Sequence

import polars as pl

from schemas.review import KINDS

ALARMS = pl.Schema({"account": pl.UInt32(), "severity": pl.UInt8(), "kind": pl.String(), "text": pl.String()})
ACCOUNTS = pl.Schema(
    {
        "account": pl.UInt32(),
        "change": pl.String(),  # new, changed, unchanged, held or gone
        "rows": pl.UInt32(),  # people in this run's report, or rows that are held back
        "rows_before": pl.UInt32(),  # people in the report that is ready
        "guarded": pl.UInt32(),  # cells that were guarded in this run's report
        "garbled": pl.UInt32(),  # cells of this run whose letters were decoded twice
        "renamed_from": pl.String(),  # the name that partners have it under, null if it is still the same
    }
)
SHRUNK = 0.95  # a run with fewer rows than this part of what is ready is alarming
FEW = 0.2  # the part of an account's people that may be touched without a reviewer, under the policy "gains"


def account_alarms(changes: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """One row an alarm, in the columns ALARMS, by account, severity (1 is the worst) and text.

    `accounts` has the columns ACCOUNTS, one row for every account of the review.
    """
    stayed = pl.col("rows_before").cast(pl.Int64) - pl.col("left")
    counted = (
        changes.group_by("account", "kind", "what")
        .agg(people=pl.len())
        .join(accounts, on="account")
        .join(changes.group_by("account").agg(left=(pl.col("kind") == "left").sum()), on="account")
        .with_columns(stayed=stayed)
    )
    now = accounts.filter(pl.col("change").is_in(["new", "changed"]))
    alarms = [
        _alarms(_lost(counted), 1, "lost", pl.format("{} lost by {}", pl.col("what"), _people("people"))),
        _alarms(_mass(counted, "lost", "rows_before"), 2, "mass-lost", _of("{} lost by {} of {}", "rows_before")),
        _alarms(_mass(counted, "gained", "rows"), 2, "mass-gained", _of("{} gained by {} of {}", "rows")),
        _alarms(accounts.filter(pl.col("renamed_from").is_not_null()), 3, "renamed", _RENAMED),
        _alarms(_many_left(counted), 3, "left", pl.format("{} of {} left", pl.col("people"), _people("rows_before"))),
        _alarms(_everybody(counted), 5, "column", pl.format("{} changed for all {}", "what", _people("people"))),
        _alarms(now.filter(pl.col("guarded") > 0), 6, "guarded", _GUARDED),
        _alarms(now.filter(pl.col("garbled") > 0), 6, "garbled", _GARBLED),
        _alarms(accounts.filter(pl.col("change") == "gone"), 7, "gone", _GONE),
        _alarms(accounts.filter(pl.col("change") == "new"), 8, "new", _NEW),
    ]
    return pl.concat(alarms).sort("account", "severity", "text")


def run_alarms(
    changes: pl.DataFrame, accounts: pl.DataFrame, rows_read: int, empty_columns: Sequence[str] = ()
) -> pl.DataFrame:
    """Alarms of the run as a whole, in the columns ALARMS without `account`.

    The last approved run is what is ready now: `rows_read`, held accounts included, are held against its people.
    empty_columns: fields that Impartner gave for nobody.
    """
    ready = int(accounts["rows_before"].sum())
    alarms = [
        (2, "empty", f"{column} is empty for everybody: Impartner gave it for nobody") for column in empty_columns
    ]
    held = accounts.filter(pl.col("change") == "held").height
    if held and held == accounts.filter(pl.col("change") != "gone").height:
        alarms.append((1, "held", "Every account is held back by faults: no report can go out"))
    if rows_read < SHRUNK * ready:
        alarms.append(
            (
                4,
                "fewer",
                f"Fewer rows than approved last: {rows_read:,} read, {ready:,} are ready",
            )
        )
    both = accounts.filter(pl.col("change").is_in(["changed", "unchanged"]))
    stayed = int(both["rows_before"].sum()) - _left(changes, both)
    details = changes.filter(pl.col("kind") == "details").group_by("what").len().sort("what")
    for heading, people in details.iter_rows():
        if people == stayed and both.height > 1:
            alarms.append(
                (5, "column", f"{heading} changed for everybody: {people:,} people, {both.height:,} accounts")
            )
    return pl.DataFrame(alarms, pl.Schema(list(ALARMS.items())[1:]), orient="row")


def groups(changes: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Equal changes across accounts: `kind`, `what`, `people`, `accounts`, `text`; worst kind first, then largest.

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
    """Equal faults across accounts: `column`, `rule`, `remedy`, `found` (the most frequent one), `accounts`, `faults`.

    faults: `account` and the texts of each fault. Most accounts first.
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


def only_gains(changes: pl.DataFrame, accounts: pl.DataFrame) -> pl.Series:
    """The changed accounts (their `account`) where nobody left or lost a course and few people are touched; none that
    was renamed.

    Few is fewer than FEW of the people that are in the report now; somebody with several changes is one person.
    """
    touched = changes.group_by("account").agg(
        touched=pl.col("email").n_unique(), harmed=pl.col("kind").is_in(["lost", "left"]).any()
    )
    calm = ~pl.col("harmed").fill_null(value=False) & (pl.col("touched").fill_null(0) < FEW * pl.col("rows"))
    changed = accounts.filter(pl.col("change") == "changed", pl.col("renamed_from").is_null())
    return changed.join(touched, on="account", how="left", maintain_order="left").filter(calm)["account"]


_GROUP_ORDER = {kind: place for place, kind in enumerate(("lost", "gained", "details", "joined", "left"))}


def _lost(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.filter(pl.col("kind") == "lost")


def _mass(counted: pl.DataFrame, kind: str, whole: str) -> pl.DataFrame:
    """A course that more than half of an account gained or lost at once: seldom is it true."""
    return counted.filter((pl.col("kind") == kind) & (pl.col("people") * 2 > pl.col(whole)))


def _many_left(counted: pl.DataFrame) -> pl.DataFrame:
    """More than a fifth of the people left an account that is still there."""
    kept = pl.col("change") == "changed"
    return counted.filter(kept & (pl.col("kind") == "left") & (pl.col("people") * 5 > pl.col("rows_before")))


def _everybody(counted: pl.DataFrame) -> pl.DataFrame:
    """A detail that changed for all who stayed; of one person alone, "everybody" means nothing."""
    return counted.filter((pl.col("kind") == "details") & (pl.col("people") == pl.col("stayed")), pl.col("people") > 1)


def _left(changes: pl.DataFrame, accounts: pl.DataFrame) -> int:
    return changes.filter(pl.col("kind") == "left").join(accounts, on="account", how="semi").height


def _everyone(accounts: pl.DataFrame, kind: str, rows: str) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String).alias("what")
    return accounts.select(
        "account", pl.lit(kind, pl.Enum(KINDS)).alias("kind"), nothing, people=pl.col(rows).cast(pl.Int64)
    )


def _alarms(accounts: pl.DataFrame, severity: int, kind: str, text: pl.Expr) -> pl.DataFrame:
    return accounts.select("account", severity=pl.lit(severity, pl.UInt8), kind=pl.lit(kind, pl.String), text=text)


def _people(count: str) -> pl.Expr:
    return _counted(count, "person", "people")


def _counted(count: str, one: str, many: str) -> pl.Expr:
    return pl.when(pl.col(count) == 1).then(pl.lit(f"1 {one}")).otherwise(pl.format(f"{{}} {many}", count))


def _of(template: str, whole: str) -> pl.Expr:
    return pl.format(template, pl.col("what"), pl.col("people"), _people(whole))


def _group_text() -> pl.Expr:
    people, accounts = _people("people"), _counted("accounts", "account", "accounts")
    kind, what = pl.col("kind"), pl.col("what")
    return (
        pl.when(kind == "details")
        .then(pl.format("{} changed for {} in {}", what, people, accounts))
        .when(kind.is_in(["lost", "gained"]))
        .then(pl.format("{} {} by {} in {}", what, kind.cast(pl.String), people, accounts))
        .otherwise(pl.format("{} {} in {}", people, kind.cast(pl.String), accounts))
    )


_GUARDED = pl.format(
    "{} a formula and got a leading apostrophe",
    pl.when(pl.col("guarded") == 1)
    .then(pl.lit("1 cell starts like"))
    .otherwise(pl.format("{} cells start like", "guarded")),
)
_RENAMED = pl.format("Renamed: was {}", "renamed_from")
_GARBLED = pl.format(
    "{} letters that were decoded twice, as Ã¼ for ü",
    pl.when(pl.col("garbled") == 1).then(pl.lit("1 cell has")).otherwise(pl.format("{} cells have", "garbled")),
)
_GONE = pl.format("No longer in the export: its report of {} would be taken out of ready", _people("rows_before"))
_NEW = pl.format("First report of this account: {}", _people("rows"))
