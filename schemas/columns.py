"""THE TABLE: the fifteen columns of a report, in report order, and how a flag is marked.

Everything else that names a column derives from it: validation, the three transforms, the fields requested from
Impartner, `partner-certs columns`, docs/columns.md. A new course is one more line. *Not* here: how cells are checked
(`schemas/checks.py`), and how a file's headings are matched (`schemas/headings.py`).
"""

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import Literal

MARKS = {"True": "X", "False": None}  # None is written as a blank cell

Cell = Literal["text", "flag", "flag or text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in Impartner, its heading in the report, what its cells contain."""

    field: str
    heading: str
    cell: Cell
    about: str
    required: bool = False
    course: bool = False  # a person gains or loses it; a change in any other column is a detail
    api: str | None = None  # the field's API name; None: looked up by its label in `_describe`


def keep(field: str, about: str, *, required: bool = False, api: str | None = None) -> Column:
    """A text column, passed on unchanged."""
    return Column(field, field, "text", about, required=required, api=api)


def mark(field: str, about: str, *, or_text: bool = False, api: str | None = None) -> Column:
    """A flag column: True becomes X; False and blank become blank."""
    return Column(field, field, "flag or text" if or_text else "flag", about, api=api)


def course(field: str, about: str, *, to: str | None = None, api: str | None = None) -> Column:
    """The flag column of a training; `to` is the partner's name of the course, if it differs."""
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
TEXT_HEADINGS = tuple(column.heading for column in COLUMNS if column.cell != "flag")  # may contain what partners typed
TEXTS = tuple(column.field for column in COLUMNS if column.cell != "flag")
FLAGS_OR_TEXTS = tuple(column.field for column in COLUMNS if column.cell == "flag or text")
REQUIRED = tuple(column.field for column in COLUMNS if column.required)
FLAG_HEADINGS = tuple(column.heading for column in COLUMNS if column.cell == "flag")
COURSES = tuple(column.heading for column in COLUMNS if column.course)

FULL_NAME, EMAIL, PHONE = "Full Name", "Email", "Phone"  # the same in Impartner and the report
ACCOUNT_ID = "Account ID"
ACCOUNT_NAME = "Account Name"
ROW = "row"  # the row number that a spreadsheet shows
USER_ID = "user_id"  # only in a pull: Impartner's id of the user


def fingerprint() -> str:
    """The SHA-256 of the table: another table makes other reports."""
    return hashlib.sha256(json.dumps([MARKS, *map(astuple, COLUMNS)]).encode()).hexdigest()
