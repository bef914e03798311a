"""What must hold at each stage, as pandera schemas derived from the table.

    SOURCE     what came in: text cells under the source's headings; flags may be Boolean already
    SELECTED   the fifteen fields under Impartner's names, with the account of each row; faults of rows are found here
    RENAMED    the same under the report's headings
    REPORT     what will be written: marked (a flag is MARK or null) and guarded
    WRITTEN    what was read back from the written bytes

A frame is validated whole, once per stage, and eagerly (pandera does not check the data of a LazyFrame). A check's name
is the statement that it asserts, so an error can show it. To learn which rows fail, use `find_faults`.
"""

from collections.abc import Mapping
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaError

from schemas.checks import (
    ACCOUNT,
    ARE_ADDRESSES,
    ARE_CELLS,
    ARE_HARMLESS,
    ARE_VALUES,
    BREAK_NONE,
    CELLS,
    ROW_NUMBER,
    RULE_COLUMNS,
    RULES,
    WRITTEN_CELLS,
    are_columns,
    are_filled,
    flags,
    schema,
    texts,
)
from schemas.columns import EMAIL, FIELDS, FLAG_HEADINGS, FLAGS, HEADINGS, REQUIRED, ROW
from schemas.faults import ROW_RULES, Origin, Rule
from schemas.values import TESTS, broken_rule, lacks_letters, spoiled_columns

SOURCE = schema("SOURCE", ARE_CELLS, are_filled(ROW))
SELECTED = schema(
    "SELECTED",
    are_columns(ROW_NUMBER | ACCOUNT | texts(FIELDS) | flags(FLAGS) | RULES),
    are_filled(ROW, "account"),
    ARE_ADDRESSES,
    BREAK_NONE,
    ARE_VALUES,
)
RENAMED = schema(
    "RENAMED",
    are_columns(ROW_NUMBER | ACCOUNT | texts(HEADINGS) | flags(FLAG_HEADINGS)),
    are_filled(ROW, "account"),
)
REPORT = schema("REPORT", are_columns(ACCOUNT | WRITTEN_CELLS), are_filled("account", *REQUIRED), ARE_HARMLESS)
WRITTEN = schema("WRITTEN", are_columns(WRITTEN_CELLS), are_filled(*REQUIRED))


def validate(stage: pa.DataFrameSchema, frame: pl.DataFrame) -> None:
    """Raises AssertionError, without cell values, if a frame does not satisfy its stage: that is a bug."""
    failure = _failure(stage, frame)
    if failure is not None:
        raise _bug(failure)


def holds(stage: pa.DataFrameSchema, frame: pl.DataFrame) -> bool:
    """Whether a frame satisfies a stage."""
    return _failure(stage, frame) is None


def prepare() -> None:
    """Validate an empty frame, because pandera imports most of itself at its first validation."""
    validate(WRITTEN, pl.DataFrame(schema=CELLS))


def find_faults(selected: pl.DataFrame, origin: Origin = "text", *, all_letters: bool = False) -> pl.DataFrame:
    """The faults of rows: `at` (position in the frame), `column` (Impartner's name), `rule`, `remedy`; in row order.

    A cell has at most one fault: the first rule that it breaks. all_letters: the source contains no U+FFFD, so there is
    no need to search for it.
    """
    failure = _failure(SELECTED, selected)
    columns = set[str]() if all_letters else set(_lacking_letters(selected))
    if failure is not None:
        if not isinstance(failure.failure_cases, pl.DataFrame):  # not of rows: the frame itself is wrong
            raise _bug(failure)
        columns |= {EMAIL, *spoiled_columns(selected), *RULE_COLUMNS}
    parts = [_of_cells(selected, field, origin) for field in FIELDS if field in columns]
    parts += [_of_rows(selected, column, origin) for column in RULE_COLUMNS if column in columns]
    faults = pl.concat([_NO_FAULTS, *parts]).unique(["at", "column"], keep="first", maintain_order=True)
    return faults.sort("at", "column")


# ---------------------------------------------------------------------------------------------------------------------


_NO_FAULTS = pl.DataFrame(schema={"at": pl.UInt32, "column": pl.String, "rule": pl.String, "remedy": pl.String})


def _lacking_letters(selected: pl.DataFrame) -> list[str]:
    texts = [field for field in FIELDS if selected.schema.get(field) == pl.String]
    lacking = selected.select(lacks_letters(field).any() for field in texts)
    return [field for field in texts if lacking[field].item()]


def _of_cells(selected: pl.DataFrame, field: str, origin: Origin) -> pl.DataFrame:
    """The faults of one column's cells."""
    tests = TESTS[field]
    rules = {place: test.rule for place, test in enumerate(tests)}
    return _faults(selected.select(_AT, key=broken_rule(field, tests)), field, rules, origin)


def _of_rows(selected: pl.DataFrame, column: str, origin: Origin) -> pl.DataFrame:
    """The faults of rows that break a rule."""
    return _faults(selected.select(_AT, key=column), RULE_COLUMNS[column], ROW_RULES, origin)


_AT = pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")


def _faults(broken: pl.DataFrame, column: str, rules: Mapping[Any, Rule], origin: Origin) -> pl.DataFrame:
    """broken: `at`, and `key`: the rule that the row breaks, or null."""
    faulty = broken.drop_nulls("key")
    truths = {key: rule.truth for key, rule in rules.items()}
    remedies = {key: rule.remedy_for(origin) for key, rule in rules.items()}
    return faulty.select(
        "at",
        pl.lit(column).alias("column"),
        pl.col("key").replace_strict(truths, return_dtype=pl.String).alias("rule"),
        pl.col("key").replace_strict(remedies, return_dtype=pl.String).alias("remedy"),
    )


def _failure(stage: pa.DataFrameSchema, frame: pl.DataFrame) -> SchemaError | None:
    """The first check of the stage that fails; None if the frame satisfies all of them."""
    try:
        # PANDERA_VALIDATION_ENABLED and PANDERA_VALIDATION_DEPTH can't switch this off
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            stage.validate(frame)
    except SchemaError as failure:
        return failure
    return None


def _bug(failure: SchemaError) -> AssertionError:
    return AssertionError(
        f"{failure.schema.name} does not hold: {failure.check.name}. Please report this; nothing was written"
    )
