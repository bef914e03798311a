"""Which stored report a file is the twin of: the report itself, its cells in the other profile, or its workbook.

All three are made in one way only, so a file is a twin to the byte or not at all.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress

from exports.reports.rows import cells, encode, in_profile
from exports.reports.workbook import rows_of, workbook
from schemas.columns import HEADINGS
from schemas.errors import NotAllowed
from schemas.profiles import BOM, PROFILES

LARGEST = 64 << 20  # bytes of a file that is looked into


def originals(data: bytes) -> Iterator[bytes]:
    """The reports that a file may be the twin of, the likeliest first; none if it is nothing of ours.

    Whether one of them was ever stored is told by its hash.
    """
    yield data
    rows = _rows(data)
    for profile in PROFILES if rows else ():
        report = encode(rows, profile)
        if report != data and _is_twin(data, report):
            yield report


# ---------------------------------------------------------------------------------------------------------------------


_BEGINNING = BOM + HEADINGS[0].encode()


def _rows(data: bytes) -> Sequence[Sequence[str]]:
    if len(data) > LARGEST:
        return ()
    if data.startswith(_BEGINNING):
        with suppress(csv.Error, ValueError):  # it begins like a report, and is something else
            return cells(data)
    return rows_of(data)


def _is_twin(data: bytes, report: bytes) -> bool:
    if data.startswith(BOM):
        return any(in_profile(report, profile) == data for profile in PROFILES)
    try:
        return workbook(report) == data
    except NotAllowed:  # no workbook can hold it
        return False
