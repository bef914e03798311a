"""The cells of one stored report as plain lists, and the same cells in the other profile.

One report at a time, with the csv module, because importing polars would take longer than everything else. `read.py`
reads thousands of reports as one frame; `encode.py` makes the bytes of a run's reports.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from schemas.profiles import BOM, LINE_END, SEPARATORS, Profile, profile_of

LONGEST_CELL = 1 << 30  # characters; the csv module's default limit is far too small


def cells(report: bytes) -> list[list[str]]:
    """All rows of a report, its headings first; a blank cell is ""."""
    csv.field_size_limit(LONGEST_CELL)
    text = io.StringIO(report.removeprefix(BOM).decode(), newline="")
    return list(csv.reader(text, delimiter=SEPARATORS[_profile(report)]))


def people(report: bytes) -> list[dict[str, str]]:
    """The people of a report: their cells by heading."""
    headings, *rows = cells(report)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def encode(rows: Iterable[Sequence[str]], profile: Profile) -> bytes:
    """The bytes of a report with these rows, headings first."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=SEPARATORS[profile], lineterminator=LINE_END).writerows(rows)
    return BOM + text.getvalue().encode()


def in_profile(report: bytes, profile: Profile) -> bytes:
    """The bytes of the same cells in a profile."""
    return report if _profile(report) == profile else encode(cells(report), profile)


def _profile(report: bytes) -> Profile:
    return profile_of(report.partition(b"\n")[0])
