"""The lines of reports, for rows in any order and chunks of any size."""

import csv
import io
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.reports import encode
from exports.reports.encode import compose, pieces, prove
from schemas.checks import CELLS
from schemas.columns import HEADINGS

Row = tuple[int, Sequence[str | None]]

TEXTS = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=4)
ROWS = st.lists(st.tuples(st.integers(0, 3), st.tuples(*[TEXTS] * 7)), max_size=12)


@settings(deadline=None)
@given(ROWS, st.integers(1, 5), st.integers(1, 200))
def test_chunk_sizes_make_no_difference(rows: list[Row], at_once: int, piece: int) -> None:
    """The csv module reads back each account's rows, sorted by name and address."""
    expected = sorted((account, *cells) for account, cells in _filled(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode, "AT_ONCE", at_once)
        patch.setattr(encode, "PIECE", piece)
        lines = []
        for chunk in pieces(compose(_frame(rows), "intl")):
            prove(chunk, "intl")
            read = csv.reader(io.StringIO(chunk.body.decode(), newline=""))
            for account, count in chunk.accounts.select("account", "rows").iter_rows():
                lines += [(account, *next(read)[:7]) for _ in range(count)]
    assert [row[:3] for row in lines] == [row[:3] for row in expected]
    assert sorted(lines) == expected


def _filled(rows: Sequence[Row]) -> list[tuple[int, list[str]]]:
    """As in reports: no empty texts, and always an address."""
    return [
        (account, [cells[0] or "", cells[1] or "@", *(cell or "" for cell in cells[2:])]) for account, cells in rows
    ]


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    cells = [
        (account, *(cell or None for cell in texts), *[None] * (len(HEADINGS) - 7)) for account, texts in _filled(rows)
    ]
    return pl.DataFrame(cells, {"account": pl.UInt32, **CELLS}, orient="row")
