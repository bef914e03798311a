"""Whom each account's mail goes to by Impartner: as a run's reviewer sees it, and as it was at the last release.

Both are `.recipients.json`, the e-mail of the primary user ("" if there is none) by the id of the account: in a run's
folder what that pull found, in the home what was found in the runs that were released. Between the two is what a
reviewer should see; it is compared in `flows/review/recipients.py`.
"""

from collections.abc import Mapping
from pathlib import Path

from exports.home.files import read_json, to_json, write_file
from exports.home.layout import Home
from exports.home.runs import put

FILE = ".recipients.json"
Recipients = Mapping[str, str]


def keep_of_run(folder: Path, found: Recipients) -> None:
    """Put into a run's staged folder whom the pull found."""
    put(folder / FILE, to_json(found))


def of_run(folder: Path) -> Recipients:
    """Whom the pull of a run found; nobody if it was no pull."""
    return _read(folder / FILE)


def released(home: Home) -> Recipients:
    """Whom the pulls of the runs found that were released, the last one of each account."""
    return _read(home.root / FILE)


def keep_released(home: Home, found: Recipients) -> None:
    """Keep whom the pulls of released runs found. Call it as the writer of the home."""
    write_file(home.root / FILE, to_json(found))


# ---------------------------------------------------------------------------------------------------------------------


def _read(path: Path) -> Recipients:
    try:
        recipients: Recipients = read_json(path)
    except (FileNotFoundError, ValueError):  # ValueError: it is damaged; the next release writes it anew
        return {}
    return recipients
