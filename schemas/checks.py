"""The building blocks of schemas: kinds of columns, and checks of a whole frame.

The columns of a schema are a check, too: pandera's own cost a third of a millisecond each, even for few rows.
`schemas/stages.py` combines checks into stages; `schemas/cells.py` and `schemas/values.py` say what a cell is.
"""

from collections.abc import Callable, Sequence
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.cells import MARK, columns_to_guard
from schemas.columns import (
    ACCOUNT_ID,
    ACCOUNT_NAME,
    EMAIL,
    FLAG_HEADINGS,
    FLAGS,
    HEADINGS,
    ROW,
    TEXT_HEADINGS,
)
from schemas.faults import ONE_ADDRESS, ROW_RULES
from schemas.headings import match
from schemas.imports import without
from schemas.values import TESTS, broken_rule, is_address, spoiled_columns

with without("hypothesis"):  # pandera generates test data with it, and importing it takes longer than all the rest
    import pandera.strategies.base_strategies  # noqa: F401  its first validation would import it with hypothesis

CELLS = dict.fromkeys(HEADINGS, pl.String) | dict.fromkeys(FLAG_HEADINGS, MARK)  # of a report, by heading

RULE = pl.Enum(list(ROW_RULES))  # the rule about its account or person that a row breaks; null: none
RULE_COLUMNS = {"id_rule": ACCOUNT_ID, "name_rule": ACCOUNT_NAME, "address_rule": EMAIL}  # by the column concerned

Columns = dict[str, tuple[pl.DataType | type[pl.DataType], ...]]  # the types that each may have


def schema(name: str, *checks: pa.Check) -> pa.DataFrameSchema:
    """A frame of which all checks hold. Nothing is converted."""
    return pa.DataFrameSchema(checks=[*checks], name=name)


def texts(names: Sequence[str]) -> Columns:
    """Columns of text; a blank cell is null or white space."""
    return dict.fromkeys(names, (pl.String,))


def flags(names: Sequence[str]) -> Columns:
    """Flag columns as the source has them: text, or true and false."""
    return dict.fromkeys(names, (pl.String, pl.Boolean))


def are_columns(columns: Columns) -> pa.Check:
    """The frame has exactly these columns, in this order."""
    return pa.Check(partial(_are_columns, columns), name="The columns are those of the stage, in order and type")


def are_filled(*names: str) -> pa.Check:
    """No cell of these columns is null."""
    return pa.Check(partial(_are_filled, names), name=f"No cell is blank: {', '.join(names)}")


# ---------------------------------------------------------------------------------------------------------------------


def _are_columns(columns: Columns, data: PolarsData) -> bool:
    types = data.lazyframe.collect_schema()
    return types.names() == [*columns] and all(kind in columns[name] for name, kind in types.items())


def _are_filled(names: Sequence[str], data: PolarsData) -> bool:
    nulls = data.lazyframe.select(pl.sum_horizontal(pl.col(*names).null_count()))
    return bool(nulls.collect().item() == 0)


def _are_cells(data: PolarsData) -> bool:
    """The row's number, then text under every heading; a flag may be Boolean."""
    types = data.lazyframe.collect_schema()
    row, *headings = types.names()
    bits = {headings[position] for field, position in match(headings).items() if field in FLAGS}
    allowed = {ROW: (pl.UInt32,)} | texts(headings) | flags([*bits])
    return row == ROW and all(kind in allowed[name] for name, kind in types.items())


def _are_addresses(data: PolarsData) -> pl.LazyFrame | bool:
    return _all(data, is_address(EMAIL).fill_null(value=False))


def _are_values(data: PolarsData) -> pl.LazyFrame | bool:
    """One check for all columns, because polars works on columns in parallel and pandera does not."""
    columns = spoiled_columns(data.lazyframe.collect())
    return not columns or data.lazyframe.select(
        ~pl.any_horizontal(broken_rule(column, TESTS[column]).is_not_null() for column in columns)
    )


def _break_none(data: PolarsData) -> pl.LazyFrame | bool:
    """Checked together, because each check takes its time."""
    return _all(data, pl.all_horizontal(pl.col(*RULE_COLUMNS).is_null()))


def _all(data: PolarsData, truth: pl.Expr) -> pl.LazyFrame | bool:
    """Whether something is true of all rows; if not, for each row."""
    checked = data.lazyframe.select(truth).collect()
    return bool(checked.to_series().all()) or checked.lazy()


def _are_harmless(data: PolarsData) -> bool:
    """One check for all columns, as in `_are_values`."""
    return not columns_to_guard(data.lazyframe.collect(), TEXT_HEADINGS)


def _check(function: Callable[[PolarsData], pl.LazyFrame | bool], truth: str) -> pa.Check:
    """Reports one failing row only: `stages.find_faults` finds all of them."""
    return pa.Check(function, name=truth, ignore_na=False, n_failure_cases=1)


ROW_NUMBER: Columns = {ROW: (pl.UInt32,)}
ACCOUNT: Columns = {"account": (pl.UInt32,)}
WRITTEN_CELLS: Columns = {heading: (kind,) for heading, kind in CELLS.items()}
RULES: Columns = dict.fromkeys(RULE_COLUMNS, (RULE,))
ARE_CELLS = pa.Check(_are_cells, name="The row's number, then text in every cell; a flag may be true or false")
ARE_ADDRESSES = _check(_are_addresses, ONE_ADDRESS.truth)
BREAK_NONE = _check(_break_none, "No row breaks a rule")
ARE_VALUES = _check(
    _are_values, "No text is an error value, a phone has all its digits, and a flag is True, False or blank"
)
ARE_HARMLESS = pa.Check(_are_harmless, name="No cell is formula-like or blank")
