"""A fault is data: which account and row, which column, what was found, which rule it breaks, what to do about it.

Here are the rules and remedies in the words that people read. Faults that concern a whole file are made here; faults
of rows are found by `schemas/checks.py`. What a fault stops is decided by `flows/certify.py`.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Fault(NamedTuple):
    """One fault. `row` is as a spreadsheet shows it, from 1; `account`, `row` or `column` are None if not known.

    `found` may hold what a partner typed: it belongs in the home folder and on standard output, never in a log.
    """

    account: str | None = None
    account_id: str | None = None
    row: int | None = None
    column: str | None = None
    found: str | None = None
    rule: str = ""
    remedy: str = ""


def file_fault(
    rule: str, remedy: str, *, row: int | None = None, column: str | None = None, found: str | None = None
) -> Fault:
    """A fault of the whole file: it refuses the export."""
    return Fault(row=row, column=column, found=found, rule=rule, remedy=remedy)


def missing_column(field: str, headings: Sequence[str | None]) -> Fault:
    """A needed column is not there."""
    shown = ", ".join(str(heading) for heading in headings if heading)
    return file_fault(
        f"The export has the column {field!r}",
        f"Add the field {field!r} to the export in Impartner and download it again",
        column=field,
        found=f"headings: {shown[:500]}" if shown else "no headings",
    )


def repeated_column(field: str, count: int) -> Fault:
    """A needed column stands there more than once: which one is meant can't be known."""
    return file_fault(
        f"The export has the column {field!r} once",
        f"Remove all but one of the columns {field!r} from the export",
        column=field,
        found=f"{count} times",
    )
