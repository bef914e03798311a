"""Tiers in the home: `tiers.csv`, a team's table of what each tier requires, and the accounts' tiers from Impartner.

`schemas/tiers.py` has the rules of rows. A pull writes Impartner's tiers; if the file is lost, the next pull restores
it.
"""

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

from exports.home.files import read_json, to_json, write_file
from exports.home.layout import Home
from exports.home.tables import read_table
from schemas.errors import WrongUsage
from schemas.tiers import COLUMNS, Tier, TierRow, tier_faults, tiers_of
from schemas.words import plural

FILE = "tiers.csv"
GIVEN = ".tiers.json"  # from Impartner


def read(home: Home) -> tuple[Tier, ...]:
    """The tiers of the team, the lowest first; none without the file. Raises WrongUsage, naming the first bad row."""
    path = home.root / FILE
    rows = _rows(path)
    if not rows:
        return ()
    faults = tier_faults(rows)
    for fault in faults:
        others = f" The file has {plural(len(faults) - 1, 'more fault')}." if len(faults) > 1 else ""
        raise WrongUsage(
            f"{path}, row {fault.row}, column {fault.column}: {fault.rule}. Found: {fault.found!r}. "
            f"{fault.remedy}.{others}"
        )
    return tiers_of(rows)


def read_given(home: Home) -> Mapping[str, str]:
    """The tiers from the last pull, by account id."""
    try:
        given: dict[str, str] = read_json(home.root / GIVEN)
    except (FileNotFoundError, ValueError):  # ValueError: it is damaged, and the next pull will replace it
        return {}
    return given


def write_given(home: Home, tiers: Mapping[str, str]) -> None:
    """Store the tiers of a pull, by account id. Requires `Home.writing`."""
    write_file(home.root / GIVEN, to_json(tiers))


# ---------------------------------------------------------------------------------------------------------------------


def _rows(path: Path) -> list[TierRow]:
    table = read_table(path)
    if table is None:
        return []
    names = [heading.strip().casefold() for heading in table[0]] if table else []
    if sorted(filter(None, names)) != sorted(COLUMNS):
        raise WrongUsage(f"The first row of {path} should be: {','.join(COLUMNS)}. Found: {','.join(names)[:80]!r}")
    return _checked(path, table[1:], [names.index(name) for name in COLUMNS])


def _checked(path: Path, table: list[list[str]], places: list[int]) -> list[TierRow]:
    pick, rows = itemgetter(*places), list[TierRow]()
    for number, cells_of_row in enumerate(table, start=2):
        row = [cell.strip() for cell in cells_of_row]
        if not any(row):
            continue
        if len(row) <= max(places) or any(row[max(places) + 1 :]):
            raise WrongUsage(f"{path}, row {number}: it has {len(row)} cells, but should have one for each heading")
        rows.append(TierRow(number, *pick(row)))
    if not rows:
        raise WrongUsage(f"{path} has no rows. Write one for each course that a tier requires, or move the file away")
    return rows
