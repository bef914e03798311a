"""Exports, and what the command answered, for tests that call it in this process (fixture `invoke`)."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.exporting import csv_of
from tests.people import COLUMNS, person

FABRIKAM = {"Account_ID": "2", "Account_Name": "Fabrikam AG"}
ROWS = [
    person(Phone="=1", Email="ada.secret@example.com"),
    person("Bob", PSE_Certified_2020="True"),
    person("Cy", **FABRIKAM),
]
BAD = [
    *ROWS,
    person("Di Secret", Account_ID="3", Account_Name="Held Ltd", SA_Verified="secret", Email="di@secret.example"),
]
TOTALS = {"accounts": 2, "written": 2, "held": 0, "people": 3, "rows_read": 3, "guarded_cells": 1}
NOTHING = dict.fromkeys(TOTALS, 0)
Invoke = Callable[..., Result]


def export(
    rows: Sequence[dict[str, str | None]] = ROWS, columns: Sequence[str] = COLUMNS, name: str = "export.csv"
) -> Path:
    """A download in the working directory."""
    path = Path(name)
    path.write_bytes(csv_of(rows, columns))
    return path


def parsed(result: Result) -> dict[str, Any]:
    """The one JSON object on standard output."""
    output = json.loads(result.stdout)
    assert isinstance(output, dict)
    return output
