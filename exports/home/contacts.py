"""The two files of contacts in the home: `contacts.csv`, written by hand, and `contacts.pulled.csv`, by a pull.

Rows are read unchanged, in either profile; `schemas/contacts.py` has their rules. A file that is not a table of
contacts is refused with one message.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count, repeat
from operator import itemgetter
from pathlib import Path

from exports.home.files import write_file
from exports.home.layout import Home
from exports.home.tables import read_table
from exports.reports.rows import encode
from schemas.contacts import COLUMNS, NEEDED, ContactRow
from schemas.errors import WrongUsage

BY_HAND = "contacts.csv"
PULLED = "contacts.pulled.csv"


def read(home: Home, name: str) -> list[ContactRow]:
    """The rows of one of the two files; none if it does not exist. Raises WrongUsage if they are not contacts."""
    path = home.root / name
    table = read_table(path)
    if table is None:
        return []
    places, width = _layout(path, table[0] if table else [])
    for number, cells_of_row in enumerate(table[1:], start=2):
        if len(cells_of_row) != width:
            _fit(path, number, cells_of_row, width)
    columns = [map(str.strip, map(itemgetter(place), table[1:])) if place < width else repeat("") for place in places]
    return [ContactRow._make(row) for row in zip(count(2), *columns) if row[1] or any(row[2:])]


def write(home: Home, name: str, rows: Iterable[ContactRow]) -> None:
    """Write the rows to one of the two files, in their order. Requires `Home.writing`."""
    write_file(home.root / name, encode([COLUMNS, *(row[1:] for row in rows)], "intl"))


# ---------------------------------------------------------------------------------------------------------------------


def _layout(path: Path, headings: Sequence[str]) -> tuple[list[int], int]:
    """The columns of the file: their places in the order of COLUMNS, and how many cells a row has.

    A column that the file lacks has the place behind the last cell.
    """
    names = [heading.strip().casefold() for heading in headings]
    counts = Counter(filter(None, names))
    wrong = [f"lacks the column {name}" for name in NEEDED if not counts[name]]
    wrong += [f"has a column {name!r}, which is none of contacts" for name in counts if name not in COLUMNS]
    wrong += [f"has the column {name} {times} times" for name, times in counts.items() if times > 1]
    if wrong:
        raise WrongUsage(f"{path} {wrong[0]}. Its first line should be: {','.join(COLUMNS)}")
    width = max(place for place, name in enumerate(names, start=1) if name)
    return [names.index(name) if name in names else width for name in COLUMNS], width


def _fit(path: Path, number: int, row: list[str], width: int) -> None:
    """Make a row as wide as the headings. Raises WrongUsage if it has a cell beyond the last heading."""
    if any(map(str.strip, row[width:])):
        raise WrongUsage(
            f"{path} has more cells than headings in row {number}. If semicolons separate its cells, put several "
            "addresses in quotes"
        )
    row[width:] = [""] * (width - len(row))
