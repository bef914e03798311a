"""Refusals of a downloaded file: a message without personal data, and a fault for the person who asked."""

from collections.abc import Sequence

from schemas.errors import ExportRefused
from schemas.faults import file_fault
from schemas.headings import faults

DOWNLOAD_AGAIN = "Download the export again"
LONGEST_SHOWN = 200  # characters of a file's content that a fault shows


def refused(
    name: str, what: str, rule: str, remedy: str = DOWNLOAD_AGAIN, *, row: int | None = None, found: str | None = None
) -> ExportRefused:
    """The refusal of the file `name`: `what` happened (without cells, because it may reach logs), and the remedy.

    found: the part of the file's content that shows it; default: `what`.
    """
    shown = (what if found is None else found)[:LONGEST_SHOWN]
    return ExportRefused(f"{name}: {what}. {remedy}.", [file_fault(rule, remedy, row=row, found=shown)])


def check_headings(headings: Sequence[str | None], name: str) -> None:
    """Raises ExportRefused with everything that is wrong with the headings."""
    wrong = faults(headings)
    if wrong:
        columns = ", ".join(dict.fromkeys(repr(fault.column) for fault in wrong))
        raise ExportRefused(
            f"{name}: needed columns are missing or repeated: {columns}. "
            "Correct the fields of the export in Impartner and download it again.",
            wrong,
        )


def no_rows(name: str) -> ExportRefused:
    """The refusal of an export with nothing but headings."""
    return refused(
        name,
        "it has headings and no rows",
        "The export has at least one row",
        "Check the filter of the export in Impartner and download it again",
    )
