"""Why a workbook is refused, in the words that people read: what happened, which rule it breaks, what to do next.

`what` may reach a log, so it names sheets and cells but not their contents; only `found` may contain these.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sources.refusal import DOWNLOAD_AGAIN

AS_GIVEN = "Use the export as Impartner gave it"  # a spreadsheet program may have altered it


class Refusal(NamedTuple):
    """One refusal; `row` is the row of the cell, if it concerns one."""

    what: str
    rule: str
    remedy: str
    row: int | None = None
    found: str | None = None


class Refused(Exception):  # noqa: N818  not an error of the program
    """The workbook can't be read with certainty."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what)
        self.refusal = refusal


def damaged(what: str) -> Refusal:
    """The file is damaged, or so large or odd that fastexcel gives up."""
    return Refusal(what, "The workbook can be read", f"{DOWNLOAD_AGAIN}, preferably as CSV")


def not_read() -> Refusal:
    """fastexcel gives up."""
    return damaged("it can't be read as a workbook: it is truncated, damaged or something else")


def locked() -> Refusal:
    """The file is encrypted."""
    return Refusal(
        "it is locked with a password",
        "The workbook can be opened without a password",
        "Open it in the program that locked it and save it without a password",
    )


def too_large() -> Refusal:
    """The file unpacks to more than any export."""
    return Refusal(
        "it unpacks to far more than any user export",
        "The workbook unpacks to at most 4 GiB and 100 times its size",
        f"{DOWNLOAD_AGAIN} as CSV",
    )


def something_else(kind: str) -> Refusal:
    """The file is a document of another program. kind: "a Word document"."""
    return Refusal(f"it is {kind}", "The export is a CSV file or a workbook", f"{AS_GIVEN}, as CSV or XLSX")


def archive_of_files() -> Refusal:
    """The file is a ZIP around other files."""
    return Refusal(
        "it is a ZIP archive, not a workbook",
        "The export is a CSV file or a workbook",
        "Unpack it and use the export inside",
    )


def empty() -> Refusal:
    """No visible sheet has a cell."""
    return Refusal("its sheets are empty", "The export is not empty", DOWNLOAD_AGAIN)


def several_sheets(names: Sequence[str]) -> Refusal:
    """People may be on each of these sheets."""
    *most, last = map(repr, names)
    shown = f"{', '.join(most)} and {last}"
    return Refusal(
        f"the sheets {shown} {'both' if len(names) == 2 else 'all'} have the headings",
        "One visible sheet of the workbook has the headings",
        f"{AS_GIVEN}, or put all people on one sheet and remove the others",
    )


def hidden_sheet(name: str) -> Refusal:
    """The headings are on a hidden sheet."""
    return Refusal(
        f"the headings are only on the sheet {name!r}, which is hidden",
        "A visible sheet of the workbook has the headings",
        f"{AS_GIVEN}, or unhide the sheet {name!r} if it is the export",
    )


def merged_cells(sheet: str, area: str) -> Refusal:
    """One value for several people. area: "A2:A4"."""
    return Refusal(
        f"the cells {sheet}!{area} are merged over several rows, so only the first of them has the value",
        "Each row has cells of its own",
        f"{AS_GIVEN}, or unmerge the cells and fill in every row",
    )


def formula(sheet: str, cell: str, row: int, text: str) -> Refusal:
    """A cell has not been calculated, or may not have been. cell: "M4"."""
    return Refusal(
        f"the cell {sheet}!{cell} is a formula without a result that can be trusted",
        "Every cell has a value, or a formula that was calculated",
        f"{AS_GIVEN}, or put values in place of the formulas in Microsoft Excel",
        row,
        f"{sheet}!{cell}: {text}" if text else f"{sheet}!{cell}",
    )


def odd_boolean(sheet: str, cell: str, text: str) -> Refusal:
    """A cell is marked as a boolean, but has another value."""
    return Refusal(
        f"the cell {sheet}!{cell} is marked as a boolean, but is neither true nor false",
        "A boolean is true or false",
        f"{AS_GIVEN}, preferably as CSV",
        found=f"{sheet}!{cell}: {text}",
    )


def unclear(what: str) -> Refusal:
    """The file can be understood in several ways."""
    return Refusal(what, "Every cell of the workbook can be read with certainty", f"{AS_GIVEN}, preferably as CSV")
