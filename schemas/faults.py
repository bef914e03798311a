"""A fault is data: which account and row, which column, what was found, which rule it breaks, what to do about it.

Here are the rules and remedies in the words that people read. Faults of a whole file are made here; where the rules of
rows do not hold is found by `schemas/stages.py`. What a fault stops is decided by `flows/certify.py`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME


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


class Rule(NamedTuple):
    """A truth about a row, and what to do where it does not hold. `column` is the one that people are shown."""

    truth: str
    remedy: str
    column: str | None = None


ADDRESS_THERE = Rule("Every person has an e-mail address", "Fill in the person's Email in Impartner, then export again")
FLAG_OR_BLANK = Rule(
    "A flag is True, False or blank", "Set the field to True or False for this person in Impartner, then export again"
)
ADDRESS_ONCE = Rule(
    "An e-mail address stands once in an account",
    "Merge or remove the person's second user in Impartner, then export again",
    "Email",
)
ACCOUNT_THERE = Rule(
    "Every row names its account",
    "Give the user an account in Impartner, or remove the row from the export",
    ACCOUNT_NAME,
)
ID_WHERE_KNOWN = Rule(
    "A row has the account's id where other rows of that name have one",
    "Fill in the Account ID of this row, or correct its Account Name",
    ACCOUNT_ID,
)
FILE_NAME_OF_ITS_OWN = Rule(
    "Every account has a file name of its own",
    "Rename one of the accounts in Impartner, or give them ids that differ in more than letter case",
    ACCOUNT_NAME,
)
# Truths about a row as a whole are worked out by transforms and stand in the frame as a column of booleans.
ROW_TRUTHS = {"account_there": ACCOUNT_THERE, "id_where_known": ID_WHERE_KNOWN, "address_once": ADDRESS_ONCE}


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
