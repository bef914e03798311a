"""What must hold at each stage, as pandera schemas derived from the table.

    SOURCE     what came in: text cells under the headings of the source, and flags that may be bits already
    SELECTED   the fifteen fields under Impartner's names, with the account of each row; here faults of rows are found
    RENAMED    the same under the report's headings
    REPORT     what is going to be written: marked (a flag is nothing but MARK or null) and guarded
    WRITTEN    what was read back from the written bytes

A frame is validated whole, once a stage, and eagerly (pandera checks no data of a LazyFrame). A rule is named as the
truth that it asserts, so the name can stand in an error. Rules never stand on their own: `find_faults` gives the rows.
"""

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from schemas.checks import (
    ACCOUNT,
    ADDRESS,
    ARE_CELLS,
    ARE_FLAGS,
    ARE_HARMLESS,
    ROW_NUMBER,
    TRUTHS,
    are_text_or_bits,
    flags,
    schema,
    texts,
    written,
)
from schemas.columns import FIELDS, FLAG_HEADINGS, FLAGS, HEADINGS, REQUIRED
from schemas.faults import ADDRESS_THERE, FLAG_OR_BLANK, ROW_TRUTHS, Rule

SOURCE = schema("SOURCE", ROW_NUMBER, ARE_CELLS, more=True)
SELECTED = schema(
    "SELECTED",
    ROW_NUMBER | ACCOUNT | texts(FIELDS) | ADDRESS | flags(FLAGS, ARE_FLAGS) | TRUTHS,
    are_text_or_bits(FLAGS),
)
RENAMED = schema(
    "RENAMED", ROW_NUMBER | ACCOUNT | texts(HEADINGS) | flags(FLAG_HEADINGS), are_text_or_bits(FLAG_HEADINGS)
)
REPORT = schema("REPORT", ACCOUNT | written(), ARE_HARMLESS)
WRITTEN = schema("WRITTEN", written())


def validate(stage: pa.DataFrameSchema, frame: pl.DataFrame) -> None:
    """Prove that a frame is what its stage says; what is not is a fault of this program, told without cell values."""
    failed = _failures(stage, frame)
    if failed is not None:
        counts = failed.group_by("column", "check").len().sort("column", "check").rows()
        raise AssertionError(f"{stage.name} does not hold: {counts}. Please report this; nothing was written")


def holds(stage: pa.DataFrameSchema, frame: pl.DataFrame) -> bool:
    """Whether a frame is what a stage says."""
    return _failures(stage, frame) is None


def find_faults(selected: pl.DataFrame) -> pl.DataFrame:
    """The faults of rows: `at` (position in the frame), `column` (Impartner's name), `rule`, `remedy`; in row order."""
    failed = _failures(SELECTED, selected)
    if failed is None:
        return pl.DataFrame(schema={"at": pl.UInt32, "column": pl.String, "rule": pl.String, "remedy": pl.String})
    if failed["index"].has_nulls():  # not about rows: the frame itself is wrong
        raise AssertionError(f"SELECTED does not hold: {failed.select('column', 'check').unique().rows()}")
    rules = pl.DataFrame(
        [(name, rule.column, rule.truth, rule.remedy) for name, rule in _rules_by_column().items()],
        schema=["checked", "column", "rule", "remedy"],
        orient="row",
    )
    faults = failed.select(at=pl.col("index").cast(pl.UInt32), checked="column").join(rules, on="checked")
    return faults.drop("checked").sort("at", "column")


# ---------------------------------------------------------------------------------------------------------------------


def _rules_by_column() -> dict[str, Rule]:
    fields = dict.fromkeys(REQUIRED, ADDRESS_THERE) | dict.fromkeys(FLAGS, FLAG_OR_BLANK)
    return {field: rule._replace(column=field) for field, rule in fields.items()} | ROW_TRUTHS


def _failures(stage: pa.DataFrameSchema, frame: pl.DataFrame) -> pl.DataFrame | None:
    try:
        # whatever PANDERA_VALIDATION_ENABLED and PANDERA_VALIDATION_DEPTH say
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            stage.validate(frame, lazy=True)
    except SchemaErrors as errors:
        failed: pl.DataFrame = errors.failure_cases
        return failed
    return None
