"""The index of everybody's addresses, rebuilt whenever ready/ is not the one that it was made from.

A release calls it, so that nobody who drafts a mail waits for 20,000 reports to be read; who drafts one imports this
module, and polars with it, only if what was kept is of another ready/. Lookups are in
`exports/home/addresses.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from exports.home import addresses, ready
from exports.home.addresses import Addresses
from exports.home.layout import Home, reports_folder
from exports.reports.read import Stored, read_reports
from transforms.address_lines import address_lines, sorted_lines

AT_ONCE = 1000  # reports that are read at one time: their frame takes some megabytes


def make_addresses(home: Home, folder: Path) -> Addresses:
    """Whose all addresses and domains are, in one resolved ready/; accounts are places in its manifest.

    Call it as the writer of the home. Raises NotAllowed if a report is gone or altered.
    """
    made_from = addresses.stamp(folder)
    return addresses.keep(home, made_from, sorted_lines(_parts(home, folder)))


# ---------------------------------------------------------------------------------------------------------------------


def _parts(home: Home, folder: Path) -> Iterator[pl.Series]:
    rows = ready.rows_of(folder)
    for first in range(0, len(rows), AT_ONCE):
        some = enumerate(rows[first : first + AT_ONCE], start=first)
        # a report that somebody altered in ready/ is still as it was approved in the run that it came from
        stored = (Stored(at, (folder, reports_folder(home, row["run"])), row) for at, row in some)
        yield address_lines(read_reports(stored))
