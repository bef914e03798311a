"""Matching the headings of a file to the fields of the table.

Headings are compared trimmed, without letter case and without the picker's `User: ` prefix. What the columns are is
told in `schemas/columns.py`; reading files is the work of `sources`.
"""

import re
from collections.abc import Iterable, Sequence

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.faults import Fault, missing_column, repeated_column

ACCOUNT_HEADINGS = {
    ACCOUNT_NAME: ("Account Name", "Account: Account Name", "Account - Name"),
    ACCOUNT_ID: ("Account ID", "Account: Id", "Account - Id", "AccountId"),
}
KNOWN = (*FIELDS, ACCOUNT_ID, ACCOUNT_NAME)


def match(headings: Sequence[str | None]) -> dict[str, int]:
    """Which known field stands at which position (from 0); the first position of a repeated one."""
    found: dict[str, int] = {}
    for position, heading in enumerate(headings):
        field = _FIELD_OF.get(_normal(heading or ""))
        if field is not None:
            found.setdefault(field, position)
    return found


def faults(headings: Sequence[str | None]) -> list[Fault]:
    """Every needed column that is missing, and every needed or account column that stands there twice.

    A missing account column is no fault here: `account` can do without one, `nightly` says so itself.
    """
    counts = dict.fromkeys(KNOWN, 0)
    for heading in headings:
        field = _FIELD_OF.get(_normal(heading or ""))
        if field is not None:
            counts[field] += 1
    missing = [missing_column(field, headings) for field in FIELDS if not counts[field]]
    repeated = [repeated_column(field, count) for field, count in counts.items() if count > 1]
    return missing + repeated


def _normal(heading: str) -> str:
    trimmed = _BLANKS_AROUND.sub("", heading.removeprefix("\ufeff"))
    return _PREFIX.sub("", trimmed.casefold())


_BLANKS_AROUND = re.compile(r"\A\s+|\s+\Z")
_PREFIX = re.compile(r"\Auser:\s*")


def _fields_by_heading(names: Iterable[str]) -> dict[str, str]:
    return {_normal(name): field for field in names for name in ACCOUNT_HEADINGS.get(field, (field,))}


_FIELD_OF = _fields_by_heading(KNOWN)
