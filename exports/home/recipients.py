"""The recipient of each account's mail according to Impartner: in a run, and at the last release.

Both are files `.recipients.json` with the primary user's e-mail ("" if there is none) by account id: in a run's folder
those of its pull, in the home those of released runs. `flows/review/recipients.py` compares them for the reviewer.
"""

from collections.abc import Mapping
from pathlib import Path

from exports.home.files import read_json, to_json, write_file
from exports.home.layout import Home
from exports.home.runs import put

FILE = ".recipients.json"
Recipients = Mapping[str, str]


def keep_of_run(folder: Path, pulled: Recipients) -> None:
    """Write a pull's recipients into the staged folder of its run."""
    put(folder / FILE, to_json(pulled))


def of_run(folder: Path) -> Recipients:
    """The recipients of a run; none if it was not a pull."""
    return _read(folder / FILE)


def released(home: Home) -> Recipients:
    """The recipients of released runs, each account's from its last release."""
    return _read(home.root / FILE)


def keep_released(home: Home, pulled: Recipients) -> None:
    """Store the recipients of released runs. Requires `Home.writing`."""
    write_file(home.root / FILE, to_json(pulled))


# ---------------------------------------------------------------------------------------------------------------------


def _read(path: Path) -> Recipients:
    try:
        recipients: Recipients = read_json(path)
    except (FileNotFoundError, ValueError):  # ValueError: it is damaged, and the next release will replace it
        return {}
    return recipients
