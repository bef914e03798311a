"""Guards the rows of contacts.csv and contacts.pulled.csv against formulas.

People open these files in a spreadsheet program, and partners typed the names in them.
"""

from collections.abc import Iterable

import polars as pl

from schemas.contacts import COLUMNS, ContactRow
from transforms.guard import guard


def guarded(rows: Iterable[ContactRow]) -> list[ContactRow]:
    """The rows, with an apostrophe before each cell that a spreadsheet program might run as a formula."""
    cells = pl.DataFrame([row[1:] for row in rows], dict.fromkeys(COLUMNS, pl.String), orient="row")
    safe = guard(cells, COLUMNS).fill_null("")
    return [ContactRow(0, *row) for row in safe.iter_rows()]
