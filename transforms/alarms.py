"""What a reviewer should see first: the alarms of each account and of the run.

Frame in, frame out; the sentences count people and never name them. Changes come from `transforms/changes.py`; the same
change in several accounts is in `transforms/groups.py`.
"""

from collections.abc import Sequence
from typing import NamedTuple

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
    alarms = pl.concat([_raised(accounts, _OF_ACCOUNTS), _raised(counted, _OF_CHANGES)])
    return alarms.sort("account", "severity", "text")


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


def _changed_for_everybody(changes: pl.DataFrame, accounts: pl.DataFrame) -> list[str]:
    """A sentence for each detail that changed for all who stayed, in all of several accounts."""
    details = changes.filter(pl.col("kind") == "details").group_by("what").len().sort("what")
    if details.is_empty():
        return []
    both = accounts.filter(pl.col("change").is_in(["changed", "unchanged"]))
    left = changes.filter(pl.col("kind") == "left").join(both, on="account", how="semi").height
    stayed = int(both["rows_before"].sum()) - left
    return [
        f"{heading} changed for everybody: {people:,} people, {both.height:,} accounts"
        for heading, people in details.iter_rows()
        if people == stayed and both.height > 1
    ]


class _Alarm(NamedTuple):
    """An alarm about each row of a frame of which `truth` is true."""

    severity: int
    kind: str
    truth: pl.Expr
    text: pl.Expr


def _raised(rows: pl.DataFrame, alarms: Sequence[_Alarm]) -> pl.DataFrame:
    """The alarms about rows, in the columns ALARMS."""
    relevant = rows.filter(pl.any_horizontal(one.truth for one in alarms))
    texts = relevant.select("account", *(pl.when(one.truth).then(one.text).alias(one.kind) for one in alarms))
    raised = texts.unpivot(index="account", variable_name="kind", value_name="text").drop_nulls("text")
    severities = {one.kind: one.severity for one in alarms}
    severity = pl.col("kind").replace_strict(severities, return_dtype=pl.UInt8).alias("severity")
    return raised.select("account", severity, "kind", "text")


def _people(count: str) -> pl.Expr:
    return plural(count, "person", "people")


def _mass(of: str) -> pl.Expr:
    """Whether more than half of an account gained or lost a course at once, which is rarely true."""
    return pl.col("people") * 2 > pl.col(of)


_IS_WRITTEN = pl.col("change").is_in(["new", "changed"])
_OF_ACCOUNTS = (
    _Alarm(3, "renamed", pl.col("renamed_from").is_not_null(), pl.format("Renamed: was {}", "renamed_from")),
    _Alarm(
        6,
        "guarded",
        _IS_WRITTEN & (pl.col("guarded") > 0),
        pl.format(
            "{} a formula and got a leading apostrophe", plural("guarded", "cell starts like", "cells start like")
        ),
    ),
    _Alarm(
        6,
        "garbled",
        _IS_WRITTEN & (pl.col("garbled") > 0),
        pl.format("{} letters that were decoded twice, as Ã¼ for ü", plural("garbled", "cell has", "cells have")),
    ),
    _Alarm(
        7,
        "gone",
        pl.col("change") == "gone",
        pl.format("No longer in the export: its report of {} would be taken out of ready", _people("rows_before")),
    ),
    _Alarm(8, "new", pl.col("change") == "new", pl.format("First report of this account: {}", _people("rows"))),
)

_LOST, _GAINED, _LEFT, _DETAILS = (pl.col("kind") == kind for kind in ("lost", "gained", "left", "details"))
_OF_CHANGES = (
    _Alarm(1, "lost", _LOST, pl.format("{} lost by {}", "what", _people("people"))),
    _Alarm(
        2,
        "mass-lost",
        _LOST & _mass("rows_before"),
        pl.format("{} lost by {} of {}", "what", "people", _people("rows_before")),
    ),
    _Alarm(
        2,
        "mass-gained",
        _GAINED & _mass("rows"),
        pl.format("{} gained by {} of {}", "what", "people", _people("rows")),
    ),
    _Alarm(  # more than a fifth left an account that still exists
        3,
        "left",
        _LEFT & (pl.col("change") == "changed") & (pl.col("people") * 5 > pl.col("rows_before")),
        pl.format("{} of {} left", "people", _people("rows_before")),
    ),
    _Alarm(  # for all who stayed, if they are more than one
        5,
        "column",
        _DETAILS & (pl.col("people") == pl.col("stayed")) & (pl.col("people") > 1),
        pl.format("{} changed for all {}", "what", _people("people")),
    ),
)
