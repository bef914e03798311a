"""Builds the index of the e-mail addresses in all ready reports. Lookups are in `exports/home/addresses.py`.

A release rebuilds it, so that drafting a mail does not wait for 20,000 reports to be read. Drafting imports this
module, and polars with it, only if the index is not of the current ready/.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from exports.home import addresses, ready
from exports.home.addresses import Addresses
from exports.home.layout import Home, reports_folder
from exports.reports.read import Stored, read_reports
from transforms.address_lines import address_lines, sorted_lines

BATCH = 1000  # reports that are read together: their frame takes a few megabytes


def make_addresses(home: Home, folder: Path) -> Addresses:
    """Build and keep the index of one resolved ready/; accounts are indexes into its manifest.

    Call it with the home's lock held. Raises NotAllowed if a report is gone or altered.
    """
    made_from = addresses.stamp(folder)
    return addresses.keep(home, made_from, sorted_lines(_parts(home, folder)))


# ---------------------------------------------------------------------------------------------------------------------


def _parts(home: Home, folder: Path) -> Iterator[pl.Series]:
    rows = ready.rows_of(folder)
    for first in range(0, len(rows), BATCH):
        some = enumerate(rows[first : first + BATCH], start=first)
        # a report that was altered in ready/ is still intact in the run that it came from
        stored = (Stored(at, (folder, reports_folder(home, row["run"])), row) for at, row in some)
        yield address_lines(read_reports(stored))
