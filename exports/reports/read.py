"""Stored reports read back as one frame: thousands of small files, one parse.

What is written is in `exports/reports/encode.py`; here it is only read, hashed, and never guessed. Of two states of the
same reports, `differing.py` has only those rows parsed that are not in both.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from exports.home.files import read_file
from schemas.columns import HEADINGS
from schemas.errors import NotAllowed
from schemas.manifest import StoredRow
from schemas.profiles import BOM, SEPARATORS, profile_of

PEOPLE = pl.Schema({"account": pl.UInt32(), **dict.fromkeys(HEADINGS, pl.String())})


class Stored(NamedTuple):
    """A report to read: the key its rows get, the folders where it may be (the first with the right bytes counts), and
    its row of a manifest."""

    account: int
    folders: tuple[Path, ...]
    row: StoredRow


def read_reports(reports: Iterable[Stored], columns: Sequence[str] = HEADINGS) -> pl.DataFrame:
    """The rows of all reports, in those of the columns PEOPLE that are asked for; null is a blank cell.

    Reports may differ in separator and in columns (a report made before a course was added to the table): a heading
    that a report lacks is blank. Raises NotAllowed if a report is gone or its bytes are not those of its manifest.
    """
    bodies = Bodies()
    for report in reports:
        bodies.add(report.account, *heading_and_body(report), report.row["rows"])
    return bodies.cells(columns)


class Bodies:
    """Rows of reports as they are in the files, until they are parsed: all that have the same headings at once."""

    def __init__(self) -> None:
        self._bodies: dict[bytes, list[bytes]] = {}  # by the bytes of their heading
        self._counts: dict[bytes, list[tuple[int, int]]] = {}

    def add(self, account: int, heading: bytes, body: bytes, rows: int) -> None:
        """Rows of an account, so many."""
        self._bodies.setdefault(heading, []).append(body)
        self._counts.setdefault(heading, []).append((account, rows))

    def cells(self, columns: Sequence[str]) -> pl.DataFrame:
        """All rows, as `read_reports` gives them. What was added is given away."""
        parsed = [
            _parse(heading, self._bodies.pop(heading), self._counts[heading], columns) for heading in self._counts
        ]
        none = PEOPLE.to_frame().select("account", *columns)
        return pl.concat([none, *parsed]).rechunk()  # picking rows out of one piece is four times quicker


def heading_and_body(report: Stored) -> tuple[bytes, bytes]:
    """The line of headings of a report with its end, and its rows. Raises NotAllowed as `read_reports`."""
    data = _bytes(report)
    end = data.index(b"\n") + 1
    return data[:end], data[end:]


# ---------------------------------------------------------------------------------------------------------------------


def _bytes(report: Stored) -> bytes:
    row, is_there = report.row, False
    for folder in report.folders:
        data = read_file(f"{folder}/{row['file']}", row["bytes"])
        if data is not None and hashlib.sha256(data).hexdigest() == row["sha256"]:
            return data
        is_there = is_there or data is not None
    raise NotAllowed(
        f"The report of account {row['account_id'] or row['file']} in {report.folders[0]} "
        + ("was altered after it was written" if is_there else "is gone")
        + ". Put it back, or start a new run: partner-certs nightly"
    )


def _parse(
    heading: bytes, bodies: Sequence[bytes], counts: Sequence[tuple[int, int]], columns: Sequence[str]
) -> pl.DataFrame:
    text = b"".join([heading.removeprefix(BOM), *bodies])
    cells = pl.read_csv(text, separator=SEPARATORS[profile_of(heading)], infer_schema=False)
    keys = pl.DataFrame(counts, {"account": pl.UInt32, "rows": pl.UInt32}, orient="row")
    accounts = keys.select(pl.col("account").repeat_by("rows")).explode("account", empty_as_null=False)
    missing = [pl.lit(None, pl.String).alias(name) for name in columns if name not in cells.columns]
    return accounts.hstack(cells.with_columns(missing).select(columns))
