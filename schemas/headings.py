"""Matching the headings of a file to the fields of the table.

Letter case, invisible characters and the picker's prefix `User: ` are ignored, and each run of white space counts as
one blank. The columns are in `schemas/columns.py`; files are read in `sources`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS
from schemas.faults import Fault, missing_column, repeated_column

ACCOUNT_HEADINGS = {
    ACCOUNT_NAME: ("Account Name", "Account: Account Name", "Account - Name"),
    ACCOUNT_ID: ("Account ID", "Account: Id", "Account - Id", "AccountId"),
}
KNOWN = (*FIELDS, ACCOUNT_ID, ACCOUNT_NAME)


def match(headings: Sequence[str | None]) -> dict[str, int]:
    """The position (from 0) of each known field; of a repeated one, the first."""
    positions: dict[str, int] = {}
    for position, heading in enumerate(headings):
        field = _FIELD_OF.get(_normal(heading or ""))
        if field is not None:
            positions.setdefault(field, position)
    return positions


def faults(headings: Sequence[str | None]) -> list[Fault]:
    """A fault for each needed column that is missing, and each needed or account column that is repeated.

    A missing account column is not a fault here: `account` doesn't need one, and `nightly` checks for it itself.
    """
    counts = dict.fromkeys(KNOWN, 0)
    for heading in headings:
        field = _FIELD_OF.get(_normal(heading or ""))
        if field is not None:
            counts[field] += 1
    missing = [missing_column(field, headings) for field in FIELDS if not counts[field]]
    repeated = [repeated_column(field, count) for field, count in counts.items() if count > 1]
    return missing + repeated


# ----------------------------------------------------------------------------------------------------------------------


def _normal(heading: str) -> str:
    visible = heading if heading.isascii() else "".join(char for char in heading if not _is_invisible(char))
    return _PREFIX.sub("", " ".join(visible.split()).casefold())


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf"


_PREFIX = re.compile(r"\Auser: ?")


def _fields_by_heading(names: Iterable[str]) -> dict[str, str]:
    return {_normal(name): field for field in names for name in ACCOUNT_HEADINGS.get(field, (field,))}


_FIELD_OF = _fields_by_heading(KNOWN)
