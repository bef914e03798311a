"""User exports of people (`tests/people.py`), as frames and as downloads, and runs of them."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from exports.home.layout import Home
from flows.certify import Job, Kind, Outcome, certify
from schemas.profiles import Profile
from sources.export import Export
from tests.people import COLUMNS, Row


def export_of(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Export:
    """The rows as from a source; the first is row 2, as below headings."""
    numbers = pl.Series("row", range(2, len(rows) + 2), dtype=pl.UInt32)
    cells = [pl.Series(column, [row.get(column) for row in rows], dtype=pl.String) for column in columns]
    return Export(pl.DataFrame([numbers, *cells]), "file", "export.csv", "0" * 64)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with flags as text; a source may have them as booleans."""
    words = {True: "True", False: "False"}
    return frame.with_columns(pl.col(pl.Boolean).replace_strict(words, return_dtype=pl.String))


def certified(
    rows: Sequence[Row],
    home: Path,
    *,
    kind: Kind = "nightly",
    account: str | None = None,
    profile: Profile = "intl",
    columns: Sequence[str] = COLUMNS,
) -> Outcome:
    """The outcome of certifying these rows."""
    return certify(Job(kind, lambda: export_of(rows, columns), profile, account), Home(home))


def files_of(outcome: Outcome) -> dict[str, bytes]:
    """The reports of a run: bytes by file name."""
    assert outcome.run_dir is not None
    return {path.name: path.read_bytes() for path in (outcome.run_dir / "reports").iterdir()}


def csv_of(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    """The rows as a download."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([row.get(column) or "" for column in columns] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def faults_of(outcome: Outcome) -> list[tuple[str, int, str]]:
    """Every fault as account, row, column."""
    return outcome.faults.select("account", "row", "column").rows()


def run_dir(outcome: Outcome) -> Path:
    """The run's folder."""
    assert outcome.run_dir is not None
    return outcome.run_dir
