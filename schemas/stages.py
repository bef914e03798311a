"""What must hold at each stage, as pandera schemas derived from the table.

    source     what came in: text cells, and flags that may be bits already
    SELECTED   the fifteen fields under Impartner's names, with the account of each row; here faults of rows are found
    RENAMED    the same under the report's headings
    REPORT     what is going to be written: marked (a flag is nothing but MARK or null) and guarded
    WRITTEN    what was read back from the written bytes

A frame is validated whole, once a stage, and eagerly (pandera checks no data of a LazyFrame). A rule is named as the
truth that it asserts, so the name can stand in an error. Rules never stand on their own: `find_faults` gives the rows.
"""

from collections.abc import Sequence
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.config import ValidationDepth, get_config_global
from pandera.errors import SchemaErrors

from schemas.columns import (
    FIELDS,
    FLAGS,
    HEADINGS,
    MARKS,
    RENAMES,
    REQUIRED,
    ROW,
    TEXT_HEADINGS,
)
from schemas.errors import WrongUsage
from schemas.faults import ADDRESS_THERE, FLAG_OR_BLANK, ROW_TRUTHS, Rule
from schemas.headings import match

MARK = pl.Enum([mark for mark in MARKS.values() if mark])  # a cell of a flag column in a report
FORMULA_SIGNS = "=+\\-@＝＋－＠"  # and their full-width forms


def is_blank(column: str) -> pl.Expr:
    """Whether a cell is empty or white space only (as Unicode has it)."""
    return pl.col(column).is_null() | (pl.col(column).str.strip_chars() == "")


def is_flag(column: str, word: str = "|".join(MARKS)) -> pl.Expr:
    """Whether a cell is True or False (or the one of them that is named), letter case and blanks around it ignored."""
    return pl.col(column).str.contains(rf"(?i)^\s*(?:{word})\s*$")


def spellings(flags: pl.Series) -> pl.Series:
    """The spellings in a flag column, and True and False as they mostly are: they are few. Null is none."""
    usual = pl.Series(list(MARKS), dtype=pl.String)
    is_usual = flags == usual[0]
    for word in usual[1:]:
        is_usual |= flags == word
    return usual.append(flags.filter(~is_usual).unique())  # comparing is far quicker than telling all cells apart


def is_formula_like(column: str) -> pl.Expr:
    """Whether a spreadsheet might run the cell as a formula; phones, numbers and lone dashes are none."""
    return _starts_like_a_formula(column) & ~_is_number_or_phone(column) & ~is_blank(column)


def columns_to_guard(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """Those of the text columns that have a formula-like cell, or one that is there but blank.

    Nearly all cells begin with a letter or a digit, or are phones. They are put away one kind after another, the
    quickest to tell first, and only the others are looked at in full.
    """
    others = [frame.select(column) for column in columns]
    for is_harmless in (_begins_with_letter, _begins_with_digit, _is_number_or_phone):
        parts = zip(others, columns, strict=True)
        others = pl.collect_all(part.lazy().filter(~is_harmless(column)) for part, column in parts)
    parts = zip(others, columns, strict=True)
    return [column for part, column in parts if part.select(_starts_like_a_formula(column).any()).item()]


def _begins_with_letter(column: str) -> pl.Expr:
    """Or with one of the signs that stand among the ASCII letters."""
    return pl.col(column).is_between(pl.lit("A"), pl.lit("{"), closed="left")


def _begins_with_digit(column: str) -> pl.Expr:
    return pl.col(column).is_between(pl.lit("0"), pl.lit(":"), closed="left")


def _is_number_or_phone(column: str) -> pl.Expr:
    return pl.col(column).str.contains(r"^ *[0-9+\-().\/][0-9 +\-().\/]*$")


def _starts_like_a_formula(column: str) -> pl.Expr:
    return pl.col(column).str.contains(rf"^(?:\s*(?:[{FORMULA_SIGNS}]|$)|[\t\r\n])")


def source(headings: Sequence[str]) -> pa.DataFrameSchema:
    """SOURCE for an export with these headings, whatever they are."""
    flags = [headings[position] for field, position in match(headings).items() if field in FLAGS]
    return _schema("SOURCE", _ROW | _cells(headings) | _flags(flags))


def validate(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> None:
    """Prove that a frame is what its stage says; what is not is a fault of this program, told without cell values."""
    failed = _failures(schema, frame)
    if failed is not None:
        told = failed.group_by("column", "check").len().sort("column", "check").rows()
        raise AssertionError(f"{schema.name} does not hold: {told}. Please report this; nothing was written")


def holds(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> bool:
    """Whether a frame is what a stage says."""
    return _failures(schema, frame) is None


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
    told = failed.select(at=pl.col("index").cast(pl.UInt32), checked="column").join(rules, on="checked")
    return told.drop("checked").sort("at", "column")


def _rules_by_column() -> dict[str, Rule]:
    fields = dict.fromkeys(REQUIRED, ADDRESS_THERE) | dict.fromkeys(FLAGS, FLAG_OR_BLANK)
    return {field: rule._replace(column=field) for field, rule in fields.items()} | ROW_TRUTHS


def _failures(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> pl.DataFrame | None:
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        failed: pl.DataFrame = errors.failure_cases
        return failed
    return None


def _are_there(data: PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(~is_blank(data.key))


def _are_flags(data: PolarsData) -> pl.LazyFrame | bool:
    """A flag column has few spellings, so each is looked at once, not once a row. Bits are flags."""
    if data.lazyframe.collect_schema()[data.key] == pl.Boolean:
        return True
    found = spellings(data.lazyframe.select(data.key).collect().to_series()).to_frame(data.key)
    wrong = found.filter(~(is_flag(data.key) | is_blank(data.key)))
    return wrong.is_empty() or data.lazyframe.select(~pl.col(data.key).is_in(wrong[data.key].implode()))


def _schema(name: str, columns: dict[str, pa.Column], *checks: pa.Check) -> pa.DataFrameSchema:
    """Columns without a type are flags as a source has them: text, or bits. Looked at together, for each check takes
    its time."""
    flags = [name for name, column in columns.items() if column.dtype is None]
    if flags:
        types = pa.Check(partial(_are_text_or_bits, flags), name="A flag column is text, or true and false")
        checks = (*checks, types)
    return pa.DataFrameSchema(columns, list(checks), name=name, strict=True, ordered=True, coerce=False)


def _cells(names: Sequence[str], check: pa.Check | None = None) -> dict[str, pa.Column]:
    return {name: pa.Column(pl.String, check, nullable=True) for name in names}


def _flags(names: Sequence[str], check: pa.Check | None = None) -> dict[str, pa.Column]:
    return {name: pa.Column(None, check, nullable=True) for name in names}


def _are_text_or_bits(flags: Sequence[str], data: PolarsData) -> bool:
    types = data.lazyframe.collect_schema()
    return all(types[flag] in (pl.String, pl.Boolean) for flag in flags)


def _written() -> dict[str, pa.Column]:
    cells = {heading: pa.Column(cell, nullable=True) for heading, cell in CELLS.items()}
    return cells | {heading: pa.Column(pl.String) for heading in REQUIRED}


def _are_harmless(data: PolarsData) -> bool:
    """Looked at together, because polars does columns side by side and pandera does not."""
    return not columns_to_guard(data.lazyframe.collect(), TEXT_HEADINGS)


_FLAG_HEADINGS = tuple(RENAMES.get(field, field) for field in FLAGS)
CELLS = dict.fromkeys(HEADINGS, pl.String) | dict.fromkeys(_FLAG_HEADINGS, MARK)  # of a report, by heading

_ROW = {ROW: pa.Column(pl.UInt32)}
_ACCOUNT_OF_ROW = {"account": pa.Column(pl.UInt32)}
_ADDRESS = _cells(REQUIRED, pa.Check(_are_there, name=ADDRESS_THERE.truth, ignore_na=False))
_FLAG = _flags(FLAGS, pa.Check(_are_flags, name=FLAG_OR_BLANK.truth))
_TRUTHS = {name: pa.Column(pl.Boolean, pa.Check.eq(True)) for name in ROW_TRUTHS}

SELECTED = _schema("SELECTED", _ROW | _ACCOUNT_OF_ROW | _cells(FIELDS) | _ADDRESS | _FLAG | _TRUTHS)
RENAMED = _schema("RENAMED", _ROW | _ACCOUNT_OF_ROW | _cells(HEADINGS) | _flags(_FLAG_HEADINGS))
REPORT = _schema(
    "REPORT", _ACCOUNT_OF_ROW | _written(), pa.Check(_are_harmless, name="No cell is formula-like or blank")
)
WRITTEN = _schema("WRITTEN", _written())

_config = get_config_global()
if not _config.validation_enabled or _config.validation_depth not in (None, ValidationDepth.SCHEMA_AND_DATA):
    raise WrongUsage(
        "pandera is told to check nothing, or not all. Unset PANDERA_VALIDATION_ENABLED and PANDERA_VALIDATION_DEPTH"
    )
