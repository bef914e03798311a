"""People and accounts for all tests: a row of an export, a person's line in a report, the label of an account.

Tests of readers write their own cells, and `tests/witness.py` shares nothing with the program or this module.
"""

from collections.abc import Mapping

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS, HEADINGS

COLUMNS = (ACCOUNT_ID, ACCOUNT_NAME, *FIELDS)
SA, SALES, SPA, PSE20, PSE21 = HEADINGS[10:]
Row = Mapping[str, str | None]  # by Impartner's names
Label = str | tuple[str | None, str]


def person(
    name: str = "Ada", email: str | None = None, *, courses: str = "", **cells: str | None
) -> dict[str, str | None]:
    """A row of Contoso, id 1. courses: headings whose fields are True, separated by |. cells: others, _ for a space."""
    usual = {
        "Full Name": name,
        "Email": f"{'.'.join(name.lower().split())}@example.com" if email is None else email,
        ACCOUNT_ID: "1",
        ACCOUNT_NAME: "Contoso",
    }
    passed = {FIELDS[HEADINGS.index(course)]: "True" for course in courses.split("|") if course}
    return {**usual, **passed, **{key.replace("_", " "): cell for key, cell in cells.items()}}


def line_of(row: Row) -> list[str]:
    """The person's cells in a report without guarded cells."""
    cells = [row.get(field) or "" for field in FIELDS]
    return cells[:7] + [{"True": "X", "False": ""}.get(cell, cell) for cell in cells[7:]]


def split(label: Label) -> tuple[str | None, str]:
    """Id and name of "1 Contoso", or of "Contoso", which has no id; a pair is returned as is."""
    if not isinstance(label, str):
        return label
    account_id, blank, name = label.partition(" ")
    return (account_id, name) if blank else (None, label)
