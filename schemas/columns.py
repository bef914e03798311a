"""THE TABLE: the fifteen columns of a report, in report order, and how a cell is marked.

Everything else that names a column (validation, the three transforms, the fields asked of Impartner,
`partner-certs columns`, docs/columns.md) is derived from here. A new course is one more line. What is *not* here: how
cells are checked (`schemas/checks.py`) and how headings of a file are matched (`schemas/headings.py`).
"""

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import Literal

MARKS = {"True": "X", "False": None}  # None is written as a blank cell

Cell = Literal["text", "flag", "flag or text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in Impartner, its heading in the report, what its cells hold."""

    field: str
    heading: str
    cell: Cell
    about: str
    required: bool = False
    course: bool = False  # what a person can gain or lose; the other columns are details
    api: str | None = None  # API name of the field; None: found by its label through `_describe`


def keep(field: str, about: str, *, required: bool = False, api: str | None = None) -> Column:
    """A text column, passed on as it is."""
    return Column(field, field, "text", about, required=required, api=api)


def mark(field: str, about: str, *, or_text: bool = False, api: str | None = None) -> Column:
    """A flag column: True becomes X, False and blank become blank."""
    return Column(field, field, "flag or text" if or_text else "flag", about, api=api)


def course(field: str, about: str, *, to: str | None = None, api: str | None = None) -> Column:
    """A flag column for a training; `to` is the name that the partner knows the course by."""
    return Column(field, to or field, "flag", about, course=True, api=api)


COLUMNS = (
    keep("Full Name", "The person's name"),
    keep("Email", "The person's address; tells people of one account apart", required=True),
    keep("Mailing Street", "Street and number"),
    keep("Mailing City", "City"),
    keep("Mailing State", "State or region"),
    keep("Mailing Country", "Country"),
    keep("Phone", "Phone number, never altered"),
    mark("Account Activated", "The person has activated the portal account"),
    mark("Display on Partner Locator?", "The person is shown on the public partner locator"),
    mark("Administrative Privileges", "May administer the account; some tenants name the role", or_text=True),
    course("SA Verified", "Solution architect training passed", to="Solution Architect Core Training"),
    course("Sales Badged", "Sales training passed", to="Sales Core Training"),
    course("Sales Certified", "Sales accreditation passed", to="Sales Professional Accreditation"),
    course("PSE Certified 2020", "Professional services engineer, 2020"),
    course("PSE Certified 2021", "Professional services engineer, 2021"),
)

FIELDS = tuple(column.field for column in COLUMNS)
HEADINGS = tuple(column.heading for column in COLUMNS)
RENAMES = {column.field: column.heading for column in COLUMNS if column.heading != column.field}
FLAGS = tuple(column.field for column in COLUMNS if column.cell == "flag")
TEXT_HEADINGS = tuple(column.heading for column in COLUMNS if column.cell != "flag")  # may hold what partners typed
TEXTS = tuple(column.field for column in COLUMNS if column.cell != "flag")
FLAGS_OR_TEXTS = tuple(column.field for column in COLUMNS if column.cell == "flag or text")
REQUIRED = tuple(column.field for column in COLUMNS if column.required)
FLAG_HEADINGS = tuple(column.heading for column in COLUMNS if column.cell == "flag")
COURSES = tuple(column.heading for column in COLUMNS if column.course)

FULL_NAME, EMAIL, PHONE = "Full Name", "Email", "Phone"  # the same in Impartner and in the report
ACCOUNT_ID = "Account ID"
ACCOUNT_NAME = "Account Name"
ROW = "row"  # the row as a spreadsheet shows it
USER_ID = "user_id"  # in a pull: Impartner's id of the user


def fingerprint() -> str:
    """The SHA-256 of the table as it is in force: another table makes other reports."""
    return hashlib.sha256(json.dumps([MARKS, *map(astuple, COLUMNS)]).encode()).hexdigest()
