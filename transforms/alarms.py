"""What a reviewer should see first: the alarms of each account and of the run.

Frame in, frame out; the sentences count people and never name them. Changes come from `transforms/changes.py`; the same
change in several accounts is in `transforms/groups.py`.
"""

from collections.abc import Sequence

import polars as pl

from transforms.plurals import plural

ALARMS = pl.Schema({"account": pl.UInt32(), "severity": pl.UInt8(), "kind": pl.String(), "text": pl.String()})
ACCOUNTS = pl.Schema(
    {
        "account": pl.UInt32(),
        "change": pl.String(),  # new, changed, unchanged, held or gone
        "rows": pl.UInt32(),  # people in this run's report, or rows held back
        "rows_before": pl.UInt32(),  # people in the ready report
        "guarded": pl.UInt32(),  # guarded cells of this run's report
        "garbled": pl.UInt32(),  # cells of this run whose letters were decoded twice
        "renamed_from": pl.String(),  # the name in the ready report, null if it is the same
    }
)
SHRUNK = 0.95  # fewer rows than this share of the ready ones are an alarm
FEW = 0.2  # the policy "gains" approves changes to fewer than this share of an account's people


def account_alarms(changes: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """One row per alarm, in the columns ALARMS, sorted by account, severity (1 is the worst) and text.

    accounts: one row for every account of the review, in the columns ACCOUNTS.
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

    rows_read: includes the rows of held accounts; compared with the people in all ready reports. empty_columns: fields
    for which Impartner returned no value at all.
    """
    ready = int(accounts["rows_before"].sum())
    alarms = [(2, "empty", f"{column} is empty for everybody: Impartner returned no value") for column in empty_columns]
    held = accounts.filter(pl.col("change") == "held").height
    if held and held == accounts.filter(pl.col("change") != "gone").height:
        alarms.append((1, "held", "Every account is held back by faults: no report can go out"))
    if rows_read < SHRUNK * ready:
        alarms.append((4, "fewer", f"Fewer rows than approved last: {rows_read:,} read, {ready:,} are ready"))
    alarms += [(5, "column", text) for text in _changed_for_everybody(changes, accounts)]
    return pl.DataFrame(alarms, pl.Schema(list(ALARMS.items())[1:]), orient="row")


def only_gains(changes: pl.DataFrame, accounts: pl.DataFrame) -> pl.Series:
    """The changed accounts (their `account`) that were not renamed, where nobody left or lost a course and the changes
    concern few people.

    Few: less than FEW of the people now in the report. Somebody with several changes is one person.
    """
    touched = changes.group_by("account").agg(
        touched=pl.col("email").n_unique(), harmed=pl.col("kind").is_in(["lost", "left"]).any()
    )
    calm = ~pl.col("harmed").fill_null(value=False) & (pl.col("touched").fill_null(0) < FEW * pl.col("rows"))
    changed = accounts.filter(pl.col("change") == "changed", pl.col("renamed_from").is_null())
    return changed.join(touched, on="account", how="left", maintain_order="left").filter(calm)["account"]


# ---------------------------------------------------------------------------------------------------------------------


def _lost(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.filter(pl.col("kind") == "lost")


def _mass(counted: pl.DataFrame, kind: str, whole: str) -> pl.DataFrame:
    """A course that more than half of an account gained or lost at once, which is rarely true."""
    return counted.filter((pl.col("kind") == kind) & (pl.col("people") * 2 > pl.col(whole)))


def _many_left(counted: pl.DataFrame) -> pl.DataFrame:
    """More than a fifth of the people left an account that still exists."""
    kept = pl.col("change") == "changed"
    return counted.filter(kept & (pl.col("kind") == "left") & (pl.col("people") * 5 > pl.col("rows_before")))


def _everybody(counted: pl.DataFrame) -> pl.DataFrame:
    """A detail that changed for all who stayed, if they are more than one."""
    return counted.filter((pl.col("kind") == "details") & (pl.col("people") == pl.col("stayed")), pl.col("people") > 1)


def _changed_for_everybody(changes: pl.DataFrame, accounts: pl.DataFrame) -> list[str]:
    """A sentence for each detail that changed for all who stayed, in all of several accounts."""
    both = accounts.filter(pl.col("change").is_in(["changed", "unchanged"]))
    left = changes.filter(pl.col("kind") == "left").join(both, on="account", how="semi").height
    stayed = int(both["rows_before"].sum()) - left
    details = changes.filter(pl.col("kind") == "details").group_by("what").len().sort("what")
    return [
        f"{heading} changed for everybody: {people:,} people, {both.height:,} accounts"
        for heading, people in details.iter_rows()
        if people == stayed and both.height > 1
    ]


def _alarms(accounts: pl.DataFrame, severity: int, kind: str, text: pl.Expr) -> pl.DataFrame:
    return accounts.select("account", severity=pl.lit(severity, pl.UInt8), kind=pl.lit(kind, pl.String), text=text)


def _people(count: str) -> pl.Expr:
    return plural(count, "person", "people")


def _of(template: str, whole: str) -> pl.Expr:
    return pl.format(template, pl.col("what"), pl.col("people"), _people(whole))


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
