"""Tiers in the home: `tiers.csv`, a team's table of what each tier asks for, and the tiers that Impartner has.

The rules of rows are in `schemas/tiers.py`. Impartner's tiers are in a file that a pull writes; losing it costs
nothing but these tiers until the next pull.
"""

import csv
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

from exports.home.files import read_json, to_json, write_file
from exports.home.layout import Home
from exports.reports.rows import cells
from schemas.errors import WrongUsage
from schemas.tiers import COLUMNS, Tier, TierRow, tier_faults, tiers_of
from schemas.words import plural

FILE = "tiers.csv"
GIVEN = ".tiers.json"  # by Impartner


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
    """The tiers that Impartner has, by the id of the account, as the last pull brought them."""
    try:
        given: dict[str, str] = read_json(home.root / GIVEN)
    except (FileNotFoundError, ValueError):  # ValueError: it is damaged, and the next pull writes it anew
        return {}
    return given


def write_given(home: Home, tiers: Mapping[str, str]) -> None:
    """Keep the tiers that Impartner has, by the id of the account. Call it as the writer of the home."""
    write_file(home.root / GIVEN, to_json(tiers))


# ---------------------------------------------------------------------------------------------------------------------


def _rows(path: Path) -> list[TierRow]:
    try:
        table = cells(path.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise WrongUsage(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUsage(f"{path} is not UTF-8. Save it as CSV UTF-8 and try again") from None
    except csv.Error as error:
        raise WrongUsage(f"{path} is no CSV ({error}). Correct it, or take it away") from None
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
            raise WrongUsage(f"{path}, row {number}: it has {len(row)} cells, and should have one for each heading")
        rows.append(TierRow(number, *pick(row)))
    if not rows:
        raise WrongUsage(f"{path} has no row. Write one for each course that a tier asks for, or take the file away")
    return rows
