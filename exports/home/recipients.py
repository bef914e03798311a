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


def keep_of_run(folder: Path, pulled: Recipients) -> None:
    """Put the recipients of a pull into the staged folder of its run."""
    put(folder / FILE, to_json(pulled))


def of_run(folder: Path) -> Recipients:
    """The recipients that a run pulled; none if it was no pull."""
    return _read(folder / FILE)


def released(home: Home) -> Recipients:
    """The recipients that released runs pulled; of each account those of the last."""
    return _read(home.root / FILE)


def keep_released(home: Home, pulled: Recipients) -> None:
    """Keep the recipients that released runs pulled. Call it as the writer of the home."""
    write_file(home.root / FILE, to_json(pulled))


# ---------------------------------------------------------------------------------------------------------------------


def _read(path: Path) -> Recipients:
    try:
        recipients: Recipients = read_json(path)
    except (FileNotFoundError, ValueError):  # ValueError: it is damaged; the next release writes it anew
        return {}
    return recipients
