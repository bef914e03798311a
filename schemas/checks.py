"""What must hold at each stage, as pandera schemas derived from the table, and the rules in words.

    source     what came in: text cells, nothing else
    SELECTED   the fifteen fields under Impartner's names, with the account of each row; here faults of rows are found
    RENAMED    the same under the report's headings
    REPORT     what is going to be written: marked and guarded
    WRITTEN    what was read back from the written bytes

A frame is validated whole, once a stage, and eagerly (pandera checks no data of a LazyFrame). A rule is named as the
truth that it asserts, so the name can stand in an error. Rules never stand on their own: `find_faults` gives the rows.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.config import ValidationDepth, get_config_global
from pandera.errors import SchemaErrors

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, COLUMNS, FIELDS, FLAGS, HEADINGS, MARKS, RENAMES, REQUIRED, ROW

FORMULA_SIGNS = "=+\\-@＝＋－＠"  # and their full-width forms


def is_blank(column: str) -> pl.Expr:
    """Whether a cell is empty or white space only (as Unicode has it)."""
    return pl.col(column).is_null() | (pl.col(column).str.strip_chars() == "")


def is_flag(column: str, word: str = "|".join(MARKS)) -> pl.Expr:
    """Whether a cell is True or False (or the one of them that is named), letter case and blanks around it ignored."""
    return pl.col(column).str.contains(rf"(?i)^\s*(?:{word})\s*$")


def is_formula_like(column: str) -> pl.Expr:
    """Whether a spreadsheet might run the cell as a formula; phones, numbers and lone dashes are none."""
    text = pl.col(column)
    starts_like_one = text.str.contains(rf"^(?:\s*[{FORMULA_SIGNS}]|[\t\r\n])")
    is_number_or_phone = text.str.contains(r"^[0-9 +\-().\/]*$")
    return starts_like_one & ~is_number_or_phone & ~is_blank(column)


class Rule(NamedTuple):
    """A truth about a row, and what to do where it does not hold. `column` is the one that people are shown."""

    truth: str
    remedy: str
    column: str | None = None


ADDRESS_THERE = Rule("Every person has an e-mail address", "Fill in the person's Email in Impartner, then export again")
FLAG_OR_BLANK = Rule(
    "A flag is True, False or blank", "Set the field to True or False for this person in Impartner, then export again"
)
ADDRESS_ONCE = Rule(
    "An e-mail address stands once in an account",
    "Merge or remove the person's second user in Impartner, then export again",
    "Email",
)
ACCOUNT_THERE = Rule(
    "Every row names its account",
    "Give the user an account in Impartner, or remove the row from the export",
    ACCOUNT_NAME,
)
ID_WHERE_KNOWN = Rule(
    "A row has the account's id where other rows of that name have one",
    "Fill in the Account ID of this row, or correct its Account Name",
    ACCOUNT_ID,
)
FILE_NAME_OF_ITS_OWN = Rule(
    "Every account has a file name of its own",
    "Rename one of the accounts in Impartner, or give them ids that differ in more than letter case",
    ACCOUNT_NAME,
)
# Truths about a row as a whole are worked out by transforms and stand in the frame as a column of booleans.
ROW_TRUTHS = {"account_there": ACCOUNT_THERE, "id_where_known": ID_WHERE_KNOWN, "address_once": ADDRESS_ONCE}


def source(headings: Sequence[str]) -> pa.DataFrameSchema:
    """SOURCE for an export with these headings, whatever they are."""
    return _schema("SOURCE", _ROW | _texts(headings))


def validate(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> None:
    """Prove that a frame is what its stage says; what is not is a fault of this program, told without cell values."""
    failed = _failures(schema, frame)
    if failed is not None:
        told = failed.group_by("column", "check").len().sort("column", "check").rows()
        raise AssertionError(f"{schema.name} does not hold: {told}. Please report this; nothing was written")


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


def _check(rule: Rule, holds: Callable[[str], pl.Expr]) -> pa.Check:
    def check(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(holds(data.key))

    return pa.Check(check, name=rule.truth, ignore_na=False)


def _schema(name: str, columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True, coerce=False)


def _texts(names: Sequence[str]) -> dict[str, pa.Column]:
    return {name: pa.Column(pl.String, nullable=True) for name in names}


def _written() -> dict[str, pa.Column]:
    required = {heading: pa.Column(pl.String) for heading in REQUIRED}
    flags = {RENAMES.get(field, field): pa.Column(pl.String, pa.Check.isin(["X"]), nullable=True) for field in FLAGS}
    return _texts(HEADINGS) | required | flags


def _report() -> dict[str, pa.Column]:
    harmless = _check(Rule("No cell is formula-like or blanks only", ""), _is_harmless)
    texts = {
        c.heading: pa.Column(pl.String, harmless, nullable=c.field not in REQUIRED) for c in COLUMNS if c.cell != "flag"
    }
    return _ACCOUNT_OF_ROW | _written() | texts


def _is_harmless(column: str) -> pl.Expr:
    return pl.col(column).is_null() | ~(is_formula_like(column) | is_blank(column))


_ROW = {ROW: pa.Column(pl.UInt32)}
_ACCOUNT_OF_ROW = {"account": pa.Column(pl.UInt32)}
_ADDRESS = {
    field: pa.Column(pl.String, _check(ADDRESS_THERE, lambda c: ~is_blank(c)), nullable=True) for field in REQUIRED
}
_FLAG = {
    field: pa.Column(pl.String, _check(FLAG_OR_BLANK, lambda c: is_flag(c) | is_blank(c)), nullable=True)
    for field in FLAGS
}
_TRUTHS = {name: pa.Column(pl.Boolean, pa.Check.eq(True)) for name in ROW_TRUTHS}

SELECTED = _schema("SELECTED", _ROW | _ACCOUNT_OF_ROW | _texts(FIELDS) | _ADDRESS | _FLAG | _TRUTHS)
RENAMED = _schema("RENAMED", _ROW | _ACCOUNT_OF_ROW | _texts(HEADINGS))
REPORT = _schema("REPORT", _report())
WRITTEN = _schema("WRITTEN", _written())

_config = get_config_global()
if not _config.validation_enabled or _config.validation_depth not in (None, ValidationDepth.SCHEMA_AND_DATA):
    raise RuntimeError(
        "pandera checks nothing or not all: unset PANDERA_VALIDATION_ENABLED and PANDERA_VALIDATION_DEPTH"
    )
