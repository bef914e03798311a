"""Replacing cells in the frame of a sheet that fastexcel left out or got wrong."""

import polars as pl

from schemas.columns import ROW
from sources.workbook.facts import Cell


def with_cells(frame: pl.DataFrame, cells: list[Cell], left: int, *, replace: bool = True) -> pl.DataFrame:
    """The frame with these cells; without `replace`, only where it is blank. Cells outside the frame are ignored.

    left: the sheet's columns before the frame's first one.
    """
    if not cells:
        return frame
    schema = pl.Schema({ROW: pl.UInt32, "column": pl.Int64, "shown": pl.String})
    listed = pl.DataFrame(cells, schema=schema, orient="row").with_columns((pl.col("column") - left).cast(pl.String))
    wide = listed.unique([ROW, "column"], keep="first").pivot("column", index=ROW, values="shown")
    names = [name for name in wide.columns if name in frame.columns and name != ROW]
    joined = frame.join(wide, on=ROW, how="left", suffix=" new", maintain_order="left")
    pairs = [(f"{name} new", name) if replace else (name, f"{name} new") for name in names]
    merged = (pl.coalesce(pair).alias(name) for pair, name in zip(pairs, names, strict=True))
    return joined.with_columns(merged).select(frame.columns)
