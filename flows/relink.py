"""Linking the reports of an earlier run into a new one, if they are still what was written.

`flows/reuse.py` decides when an export is the same again, and calls this through `flows/steps.py`.
"""

from pathlib import Path

from exports.home.layout import GARBLED, GUARDED, REPORTS, Home
from exports.reports.link import are_intact, link_reports
from schemas.manifest import Manifest


class CannotReuse(Exception):  # noqa: N818  it stops nothing
    """Reports of an earlier run are gone or altered, or the file system has no hard links, or too few."""


def prove_intact(earlier: Manifest, home: Home) -> None:
    """Prove that the reports of an earlier run are still what was written. Raises CannotReuse."""
    try:
        intact = are_intact(earlier["reports"], home.runs / earlier["run"] / REPORTS)
    except (OSError, KeyError, TypeError) as error:  # reports are gone, or the manifest is damaged
        raise CannotReuse from error
    if not intact:
        raise CannotReuse


def link(earlier: Manifest, home: Home, folder: Path) -> None:
    """Instead of `steps.write`: link the reports, guarded.csv and garbled.csv of an earlier run. Raises CannotReuse."""
    before = home.runs / earlier["run"]
    try:
        link_reports(earlier["reports"], before / REPORTS, folder / REPORTS)
        if earlier["totals"]["guarded_cells"]:
            (folder / GUARDED).hardlink_to(before / GUARDED)
        if (before / GARBLED).exists():
            (folder / GARBLED).hardlink_to(before / GARBLED)
    except OSError as error:
        raise CannotReuse from error
