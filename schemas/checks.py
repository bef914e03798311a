"""The building blocks of schemas: kinds of columns, and checks of a whole column or frame.

`schemas/stages.py` combines them into stages; `schemas/cells.py` and `schemas/values.py` say what a cell is.
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
    REQUIRED,
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

Columns = dict[str, pa.Column]


def schema(name: str, columns: Columns, *checks: pa.Check, others: bool = False) -> pa.DataFrameSchema:
    """These columns in this order; `others` allows other columns too. Nothing is converted."""
    return pa.DataFrameSchema(columns, list(checks), name=name, strict=not others, ordered=True, coerce=False)


def texts(names: Sequence[str]) -> Columns:
    """Columns of text; a blank cell is null or white space."""
    return {name: pa.Column(pl.String, nullable=True) for name in names}


def flags(names: Sequence[str]) -> Columns:
    """Flag columns as the source has them; `are_text_or_bits` checks their types."""
    return {name: pa.Column(None, nullable=True) for name in names}


def written() -> Columns:
    """The columns of a report as it is written: blank cells are null, required ones are not."""
    cells = {heading: pa.Column(cell, nullable=True) for heading, cell in CELLS.items()}
    return cells | {heading: pa.Column(pl.String) for heading in REQUIRED}


def are_text_or_bits(names: Sequence[str]) -> pa.Check:
    """Each of these columns is String or Boolean. One check for all of them, because every check has a cost."""
    return pa.Check(partial(_have_types, names), name="A flag column is text, or true and false")


# ---------------------------------------------------------------------------------------------------------------------


def _have_types(names: Sequence[str], data: PolarsData) -> bool:
    types = data.lazyframe.collect_schema()
    return all(types[name] in (pl.String, pl.Boolean) for name in names)


def _are_cells(data: PolarsData) -> bool:
    """String under every heading except the row's; a flag may be Boolean."""
    types = data.lazyframe.collect_schema()
    headings = types.names()[1:]
    bits = {headings[position] for field, position in match(headings).items() if field in FLAGS}
    return all(types[name] == pl.String or (types[name] == pl.Boolean and name in bits) for name in headings)


def _are_addresses(data: PolarsData) -> pl.LazyFrame | bool:
    return _all(data, is_address(data.key).fill_null(value=False))


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


ROW_NUMBER: Columns = {ROW: pa.Column(pl.UInt32)}
ACCOUNT: Columns = {"account": pa.Column(pl.UInt32)}
ADDRESS: Columns = {EMAIL: pa.Column(pl.String, _check(_are_addresses, ONE_ADDRESS.truth), nullable=True)}
RULES: Columns = {column: pa.Column(RULE, nullable=True) for column in RULE_COLUMNS}
ARE_CELLS = pa.Check(_are_cells, name="A cell is text, and a flag may be true or false")
BREAK_NONE = _check(_break_none, "No row breaks a rule")
ARE_VALUES = _check(
    _are_values, "No text is an error value, a phone has all its digits, and a flag is True, False or blank"
)
ARE_HARMLESS = pa.Check(_are_harmless, name="No cell is formula-like or blank")
