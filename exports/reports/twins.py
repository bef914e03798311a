"""Which stored report a file is a twin of: the report itself, its cells in the other profile, or its workbook.

Each of these has only one form, so a file is a twin byte for byte, or not at all.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress

from exports.reports.rows import cells, encode, in_profile
from exports.reports.workbook import rows_of, workbook
from schemas.columns import HEADINGS
from schemas.errors import NotAllowed
from schemas.profiles import BOM, PROFILES

LARGEST = 64 << 20  # bytes of a file to examine


def originals(data: bytes) -> Iterator[bytes]:
    """The reports that a file may be a twin of, most likely first, beginning with itself.

    The caller knows by the hash whether one of them was ever stored.
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
        with suppress(csv.Error, ValueError):  # it only begins like a report
            return cells(data)
    return rows_of(data)


def _is_twin(data: bytes, report: bytes) -> bool:
    if data.startswith(BOM):
        return any(in_profile(report, profile) == data for profile in PROFILES)
    try:
        return workbook(report) == data
    except NotAllowed:  # it does not fit into a workbook
        return False
