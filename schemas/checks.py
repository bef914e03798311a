"""What schemas are made of: kinds of columns, and checks of a whole column or frame at once.

Which stage is made of what is in `schemas/stages.py`, and what a cell is in `schemas/cells.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.cells import MARK, columns_to_guard, is_blank, is_flag, spellings
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
from schemas.faults import FLAG_OR_BLANK, ONE_ADDRESS, ROW_RULES
from schemas.headings import match
from schemas.imports import without
from schemas.values import TESTS, broken_rule, is_address, suspects

with without("hypothesis"):  # pandera makes test data with it, and takes longer for that than for all else
    import pandera.strategies.base_strategies  # noqa: F401  its first validation would import it with hypothesis

CELLS = dict.fromkeys(HEADINGS, pl.String) | dict.fromkeys(FLAG_HEADINGS, MARK)  # of a report, by heading

RULE = pl.Enum(list(ROW_RULES))  # the rule that a row breaks about its account or person; null: none
RULE_COLUMNS = {"id_rule": ACCOUNT_ID, "name_rule": ACCOUNT_NAME, "address_rule": EMAIL}  # and the column it is about

Columns = dict[str, pa.Column]


def schema(name: str, columns: Columns, *checks: pa.Check, more: bool = False) -> pa.DataFrameSchema:
    """These columns in this order, and no others unless there may be `more`. Nothing is converted."""
    return pa.DataFrameSchema(columns, list(checks), name=name, strict=not more, ordered=True, coerce=False)


def texts(names: Sequence[str]) -> Columns:
    """Columns of text; a blank cell is null or white space."""
    return {name: pa.Column(pl.String, nullable=True) for name in names}


def flags(names: Sequence[str], check: pa.Check | None = None) -> Columns:
    """Columns of flags as a source has them, text or bits: `are_text_or_bits` checks which."""
    return {name: pa.Column(None, check, nullable=True) for name in names}


def written() -> Columns:
    """The columns of a report as it is written: blank cells are null, and what is required is there."""
    cells = {heading: pa.Column(cell, nullable=True) for heading, cell in CELLS.items()}
    return cells | {heading: pa.Column(pl.String) for heading in REQUIRED}


def are_text_or_bits(names: Sequence[str]) -> pa.Check:
    """Whether these columns are flags as a source has them. Checked together, because each check takes its time."""
    return pa.Check(partial(_have_types, names), name="A flag column is text, or true and false")


# ---------------------------------------------------------------------------------------------------------------------


def _have_types(names: Sequence[str], data: PolarsData) -> bool:
    types = data.lazyframe.collect_schema()
    return all(types[name] in (pl.String, pl.Boolean) for name in names)


def _are_cells(data: PolarsData) -> bool:
    """Text under every heading but the row's; a flag may be bits."""
    types = data.lazyframe.collect_schema()
    headings = types.names()[1:]
    bits = {headings[position] for field, position in match(headings).items() if field in FLAGS}
    return all(types[name] == pl.String or (types[name] == pl.Boolean and name in bits) for name in headings)


def _are_addresses(data: PolarsData) -> pl.LazyFrame | bool:
    return _all(data, is_address(data.key).fill_null(value=False))


def _are_flags(data: PolarsData) -> pl.LazyFrame | bool:
    """A flag column has few spellings, so each is checked once, not once a row. Bits are flags."""
    if data.lazyframe.collect_schema()[data.key] == pl.Boolean:
        return True
    texts = spellings(data.lazyframe.select(data.key).collect().to_series()).to_frame(data.key)
    wrong = texts.filter(~(is_flag(data.key) | is_blank(data.key)))
    return wrong.is_empty() or data.lazyframe.select(~pl.col(data.key).is_in(wrong[data.key].implode()))


def _are_values(data: PolarsData) -> pl.LazyFrame | bool:
    """Checked together, because polars works on columns side by side and pandera does not."""
    columns = suspects(data.lazyframe.collect())
    return not columns or data.lazyframe.select(
        ~pl.any_horizontal(broken_rule(column, TESTS[column]).is_not_null() for column in columns)
    )


def _break_none(data: PolarsData) -> pl.LazyFrame | bool:
    return _all(data, pl.col(data.key).is_null())


def _all(data: PolarsData, truth: pl.Expr) -> pl.LazyFrame | bool:
    """Whether something is true of all rows; if not, of which."""
    checked = data.lazyframe.select(truth).collect()
    return bool(checked.to_series().all()) or checked.lazy()


def _are_harmless(data: PolarsData) -> bool:
    """Checked together, because polars works on columns side by side and pandera does not."""
    return not columns_to_guard(data.lazyframe.collect(), TEXT_HEADINGS)


def _check(function: Callable[[PolarsData], pl.LazyFrame | bool], truth: str) -> pa.Check:
    """One failing row is enough: `stages.find_faults` finds all of them."""
    return pa.Check(function, name=truth, ignore_na=False, n_failure_cases=1)


ROW_NUMBER: Columns = {ROW: pa.Column(pl.UInt32)}
ACCOUNT: Columns = {"account": pa.Column(pl.UInt32)}
ADDRESS: Columns = {EMAIL: pa.Column(pl.String, _check(_are_addresses, ONE_ADDRESS.truth), nullable=True)}
RULES: Columns = {
    column: pa.Column(RULE, _check(_break_none, "No row breaks a rule"), nullable=True) for column in RULE_COLUMNS
}
ARE_CELLS = pa.Check(_are_cells, name="A cell is text, and a flag may be true or false")
ARE_FLAGS = _check(_are_flags, FLAG_OR_BLANK.truth)
ARE_VALUES = _check(_are_values, "A text is no error value, and a phone has all its digits")
ARE_HARMLESS = pa.Check(_are_harmless, name="No cell is formula-like or blank")
