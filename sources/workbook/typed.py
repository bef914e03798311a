"""Booleans, dates and numbers as a spreadsheet shows them.

As text, fastexcel writes a boolean as "true", a date as "2024-05-01 00:00:00" and a number with nine decimals, just
like a text with these characters. A column with such cells is read again as the type in question, to tell the two
apart. Most columns have none.
"""

import re
from decimal import Decimal
from typing import Any

import fastexcel
import polars as pl

from schemas.columns import ACCOUNT_ID, FLAGS, FLAGS_OR_TEXTS
from schemas.headings import match
from sources.numbers import number_text
from sources.workbook.errors import mistyped_cells
from sources.workbook.overlay import with_cells
from sources.workbook.sheets import Sheet, columns_as

MARKED = (*FLAGS, *FLAGS_OR_TEXTS)
EXACT = 10**15  # from here on, a spreadsheet's number may have lost digits that were typed


def as_shown(frame: pl.DataFrame, reader: fastexcel.ExcelReader, sheet: Sheet) -> pl.DataFrame:
    """The frame with its known columns as a spreadsheet shows them."""
    for step in (_with_booleans, _with_dates, _with_numbers, _with_iso_dates):
        frame = step(frame, reader, sheet)
    return frame


# ----------------------------------------------------------------------------------------------------------------------

_NUMBER = r"^(0|-?\d+\.\d+|-?\d{16,})$"  # may be a number that a spreadsheet shows differently
_DATE = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d)T00:00(:00(\.0+)?)?$"  # as some programs write a date


def _with_booleans(frame: pl.DataFrame, reader: fastexcel.ExcelReader, sheet: Sheet) -> pl.DataFrame:
    """Booleans as True and False. In a flag column, so is the text "true"; elsewhere it stays."""
    positions = match(sheet.headings)
    flags = [str(at) for field, at in positions.items() if field in MARKED]
    texts = [str(at) for field, at in positions.items() if field not in MARKED]
    frame = frame.with_columns(_capitalized(pl.col(name)).alias(name) for name in flags)
    names = _columns_with(pl.col(texts).is_in(["true", "false"]), frame)
    if not names:
        return frame
    real = _typed(reader, sheet, names, "boolean")
    return frame.with_columns(
        pl.when(real[name].is_not_null()).then(_capitalized(pl.col(name))).otherwise(name).alias(name) for name in names
    )


def _with_dates(frame: pl.DataFrame, reader: fastexcel.ExcelReader, sheet: Sheet) -> pl.DataFrame:
    """Dates as ISO."""
    names = _columns_with(pl.col(_known(sheet)).str.contains(_DATE), frame)
    if not names:
        return frame
    real = _typed(reader, sheet, names, "datetime")
    return frame.with_columns(
        pl.when(real[name].is_not_null() & pl.col(name).str.contains(_DATE))
        .then(_iso(pl.col(name)))
        .otherwise(name)
        .alias(name)
        for name in names
    )


def _with_iso_dates(frame: pl.DataFrame, reader: fastexcel.ExcelReader, sheet: Sheet) -> pl.DataFrame:
    """Dates that the file itself stores as ISO text, without the time at midnight."""
    names = _columns_with(pl.col(_known(sheet)).str.contains(_MIDNIGHT), frame)
    if not names:
        return frame
    _, errors = columns_as(reader, sheet, names, "int").to_arrow_with_errors()
    dates = [mistyped.cell for mistyped in mistyped_cells(errors, sheet.left) if mistyped.kind == "DateTimeIso"]
    days = [cell._replace(shown=cell.shown[:10]) for cell in dates if re.match(_MIDNIGHT, cell.shown)]
    return with_cells(frame, days, sheet.left)


def _with_numbers(frame: pl.DataFrame, reader: fastexcel.ExcelReader, sheet: Sheet) -> pl.DataFrame:
    """Numbers in their shortest form. A cell that is not what fastexcel makes of its number is text, and stays."""
    names = _columns_with(pl.col(_known(sheet)).str.contains(_NUMBER), frame)
    if not names:
        return frame
    account_id = str(match(sheet.headings).get(ACCOUNT_ID))
    real = _typed(reader, sheet, names, "float")
    return frame.with_columns(_shortened(frame[name], real[name], is_id=name == account_id) for name in names)


def _shortened(cells: pl.Series, numbers: pl.Series, *, is_id: bool) -> pl.Series:
    to_text = _id_text if is_id else number_text
    suspects = cells.to_frame("cell").with_columns(number=numbers).with_row_index("at").drop_nulls()
    suspects = suspects.filter(pl.col("cell").str.contains(_NUMBER))
    pairs = suspects.select("cell", "number").unique()
    short = [to_text(number) if _fastexcel_text(number) == cell else cell for cell, number in pairs.iter_rows()]
    changed = suspects.join(pairs.with_columns(short=pl.Series(short, dtype=pl.String)), on=["cell", "number"])
    return cells.scatter(changed["at"], changed["short"])


def _id_text(number: float) -> str:
    """A number as account id: with an exponent, as a spreadsheet shows it, if it may have lost digits.

    It then is the same fault as in a CSV file that a spreadsheet saved.
    """
    return f"{Decimal(repr(number)).normalize():E}" if abs(number) >= EXACT else number_text(number)


def _fastexcel_text(number: float) -> str:
    """The text that fastexcel makes of a number."""
    return re.sub(r"\.?0+$", "", f"{number:.9f}")


def _known(sheet: Sheet) -> list[str]:
    return [str(position) for position in match(sheet.headings).values()]


def _columns_with(cells: pl.Expr, frame: pl.DataFrame) -> list[str]:
    """The columns that have any such cell."""
    any_of = frame.select(cells.any()).row(0, named=True)
    return [name for name, has_any in any_of.items() if has_any]


def _typed(reader: fastexcel.ExcelReader, sheet: Sheet, names: list[str], dtype: Any) -> pl.DataFrame:
    frame = pl.DataFrame(columns_as(reader, sheet, names, dtype))
    frame.columns = names
    return frame


def _capitalized(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell == "true").then(pl.lit("True")).when(cell == "false").then(pl.lit("False")).otherwise(cell)


def _iso(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace(" 00:00:00$", "").str.replace("^1899-12-3[01] ", "").str.replace(" ", "T")
