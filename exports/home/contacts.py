"""The two files of contacts in the home: `contacts.csv`, written by hand, and `contacts.pulled.csv`, by a pull.

Rows are read as they stand there, in whatever profile a spreadsheet program saved them; what they must be is told in
`schemas/contacts.py`. A file that can't be read as a table at all is refused with one message.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from exports.home.files import write_file
from exports.home.layout import Home
from exports.reports.rows import cells, encode
from schemas.contacts import COLUMNS, NEEDED, ContactRow
from schemas.errors import WrongUsage

BY_HAND = "contacts.csv"
PULLED = "contacts.pulled.csv"


def read(home: Home, name: str) -> list[ContactRow]:
    """The rows of one of the two files; none if it is not there. Raises WrongUsage if it is no table of contacts."""
    path = home.root / name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise WrongUsage(f"{path} can't be read: {error.strerror}") from None
    try:
        table = cells(data)
    except UnicodeDecodeError:
        raise WrongUsage(f"{path} is not UTF-8. Save it as CSV UTF-8 and try again") from None
    except csv.Error as error:
        raise WrongUsage(f"{path} is no CSV ({error}). Correct it, or take it away") from None
    places = _places(path, table[0] if table else [])
    rows = enumerate(table[1:], start=2)
    return [_row(path, number, row, places) for number, row in rows if any(cell.strip() for cell in row)]


def write(home: Home, name: str, rows: Iterable[ContactRow]) -> None:
    """Put the rows into one of the two files, in their order. Call it as the writer of the home."""
    write_file(home.root / name, encode([COLUMNS, *(row[1:] for row in rows)], "intl"))


# ---------------------------------------------------------------------------------------------------------------------


def _places(path: Path, headings: Sequence[str]) -> dict[int, str]:
    """Which column stands where."""
    names = {place: name for place, heading in enumerate(headings) if (name := heading.strip().casefold())}
    counts = Counter(names.values())
    wrong = [f"lacks the column {name}" for name in NEEDED if not counts[name]]
    wrong += [f"has a column {name!r}, which is none of contacts" for name in counts if name not in COLUMNS]
    wrong += [f"has the column {name} {count} times" for name, count in counts.items() if count > 1]
    if wrong:
        raise WrongUsage(f"{path} {wrong[0]}. Its first line should be: {','.join(COLUMNS)}")
    return names


def _row(path: Path, number: int, row: Sequence[str], places: dict[int, str]) -> ContactRow:
    if any(cell.strip() for place, cell in enumerate(row) if place not in places):
        raise WrongUsage(
            f"{path} has more cells than headings in row {number}. Several addresses stand in quotes if the file has "
            "semicolons between its cells"
        )
    return ContactRow(number, **{places[place]: cell.strip() for place, cell in enumerate(row) if place in places})
