"""CONTACTS: the schema of a whole file of contacts. The rules of its cells come from `schemas/contacts.py`."""

from collections.abc import Collection, Sequence
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from schemas.contacts import COLUMNS, LANGUAGES, ROW_RULES, ContactRow, ContactRule, fault_in, rules
from schemas.faults import Fault


def contacts_schema(languages: Collection[str] = LANGUAGES, *, pulled: bool = False) -> pa.DataFrameSchema:
    """`row`, the cells as in the file ("" is blank), and a Boolean for each rule of `contacts.ROW_RULES`."""
    checks = {
        rule.column: pa.Check(partial(_all_hold, rule), name=rule.truth) for rule in rules(languages, pulled=pulled)
    }
    cells = {column: pa.Column(pl.String, checks.get(column)) for column in COLUMNS}
    truths = {name: pa.Column(pl.Boolean, pa.Check.eq(True)) for name in ROW_RULES}
    return pa.DataFrameSchema({"row": pa.Column(pl.UInt32)} | cells | truths, name="CONTACTS", strict=True)


def find_contact_faults(
    rows: Sequence[ContactRow],
    truths: Sequence[Sequence[bool]],
    languages: Collection[str] = LANGUAGES,
    *,
    pulled: bool = False,
) -> list[Fault]:
    """Every fault of a file of contacts, by row.

    truths: for each row, whether each rule of `contacts.ROW_RULES` holds, in their order. pulled: it is
    contacts.pulled.csv.
    """
    schema = {"row": pl.UInt32, **dict.fromkeys(COLUMNS, pl.String), **dict.fromkeys(ROW_RULES, pl.Boolean)}
    records = [(*row, *true) for row, true in zip(rows, truths, strict=True)]
    frame = pl.DataFrame(records, schema, orient="row")
    by_column = {rule.column: rule for rule in rules(languages, pulled=pulled)}
    faults = []
    for name, at in _failures(contacts_schema(languages, pulled=pulled), frame):
        rule = by_column.get(name) or ROW_RULES[name]
        faults.append(fault_in(rows[at], rule.column, rule.truth, rule.remedy))
    return faults


# ---------------------------------------------------------------------------------------------------------------------


def _failures(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> list[tuple[str, int]]:
    """What fails: column and position in the frame, by row."""
    try:
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        failed = errors.failure_cases
        if failed["index"].has_nulls():  # not about rows: the frame itself is wrong
            raise AssertionError(
                f"CONTACTS does not hold: {failed.select('column', 'check').unique().rows()}"
            ) from None
        order = {column: place for place, column in enumerate(frame.columns)}
        return sorted(failed.select("column", "index").iter_rows(), key=lambda one: (one[1], order[one[0]]))
    return []


def _all_hold(rule: ContactRule, data: PolarsData) -> pl.LazyFrame:
    cells = data.lazyframe.select(data.key).collect()[data.key]
    return pl.LazyFrame({data.key: pl.Series(map(rule.holds, cells), dtype=pl.Boolean)})
