"""The cells of one stored report as plain lists, and the same cells in the other profile.

One report at a time, with the csv module: somebody waits, and importing polars takes longer than the rest. Thousands
of reports are read as one frame in `read.py`; `encode.py` makes the bytes of a run's reports.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from schemas.profiles import BOM, LINE_END, SEPARATORS, Profile, profile_of

LONGEST_CELL = 1 << 30  # characters; the csv module's own limit is far below what a report may hold


def cells(report: bytes) -> list[list[str]]:
    """All rows of a report, its headings first; a blank cell is ""."""
    csv.field_size_limit(LONGEST_CELL)
    text = io.StringIO(report.removeprefix(BOM).decode(), newline="")
    return list(csv.reader(text, delimiter=SEPARATORS[_profile(report)]))


def people(report: bytes) -> list[dict[str, str]]:
    """The people of a report, each by heading."""
    headings, *rows = cells(report)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def encode(rows: Iterable[Sequence[str]], profile: Profile) -> bytes:
    """Rows, headings first, in the bytes of a report."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=SEPARATORS[profile], lineterminator=LINE_END).writerows(rows)
    return BOM + text.getvalue().encode()


def in_profile(report: bytes, profile: Profile) -> bytes:
    """The same cells in the bytes of a profile."""
    return report if _profile(report) == profile else encode(cells(report), profile)


def _profile(report: bytes) -> Profile:
    return profile_of(report.partition(b"\n")[0])
