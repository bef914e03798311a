"""Reading ready/: what may be attached to a mail, complete and consistent at every moment.

ready/ is a link to a numbered folder (a version) in .ready/. Whoever resolves the link once (`current`) sees one
complete set; the version before is kept for those who resolved it earlier. `publish.py` makes versions and switches the
link.
"""

import hashlib
from pathlib import Path

from exports.home import ledger
from exports.home.files import read_json
from exports.home.layout import MANIFEST, Home
from schemas.errors import NotAllowed
from schemas.manifest import FileRow, ReadyRow

VERSIONS = ".ready"


def current(home: Home) -> Path | None:
    """The folder that ready/ links to now; None before the first release. Resolve it once, then read.

    Raises NotAllowed if the link is gone or broken, and versions are still there.
    """
    try:
        return home.ready.resolve(strict=True)
    except (FileNotFoundError, RuntimeError):  # RuntimeError: a link to itself
        _refuse_lost_link(home)
        return None


def rows(home: Home) -> list[ReadyRow]:
    """The ready reports, from the manifest in ready/."""
    folder = current(home)
    return rows_of(folder) if folder else []


def rows_of(folder: Path) -> list[ReadyRow]:
    """The reports of one version. Raises NotAllowed if its manifest is damaged or gone."""
    try:
        rows: list[ReadyRow] = read_json(folder / MANIFEST)["reports"]
        if not isinstance(rows, list):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise NotAllowed(
            f"{folder / MANIFEST} is damaged, so nobody knows what was approved. "
            f"Put it back from a backup, or move {_whole_of(folder)} away and release again"
        ) from None
    except FileNotFoundError:
        if any(folder.glob("*.csv")):
            raise NotAllowed(
                f"{folder} has reports, but its manifest.json is gone, so nobody knows what was approved. "
                f"Put it back from a backup, or move {_whole_of(folder)} away and release again"
            ) from None
        return []
    return rows


def altered(home: Home) -> list[ReadyRow]:
    """The ready reports that are gone, or whose bytes are not the approved ones."""
    folder = current(home)
    return [row for row in rows_of(folder) if not is_intact(folder / row["file"], row["sha256"])] if folder else []


def is_intact(path: Path, sha256: str) -> bool:
    """Whether a file is there and has the approved bytes."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def named(report: FileRow) -> str:
    """An account for a message that may reach a log: its id or file name."""
    return str(report["account_id"] or report["file"])


def numbered(versions: Path) -> list[Path]:
    """The versions, oldest first."""
    return sorted(path for path in versions.iterdir() if path.is_dir() and path.name.isdigit())


def journal(version: Path) -> Path:
    """The file with the lines of a release that are not in the ledger yet."""
    return version.with_name(f"{version.name}.jsonl")


# ----------------------------------------------------------------------------------------------------------------------


def _refuse_lost_link(home: Home) -> None:
    """Raises NotAllowed if the link is lost, as in a restored backup without links: else ready/ would seem empty.

    A first release that was killed does not count: it was never ready.
    """
    versions = home.root / VERSIONS
    whole = [folder for folder in numbered(versions) if (folder / MANIFEST).exists()] if versions.is_dir() else []
    if not whole:
        return
    recorded = [folder for folder in whole if not journal(folder).exists()]
    if recorded or any(line["what"] == "release" for line in ledger.read(home)):
        raise NotAllowed(
            f"{home.ready} is gone or leads nowhere. It was a link, and what was ready is still there. "
            f"Make it again, in {home.root}: ln -sfn {VERSIONS}/{whole[-1].name} {home.ready.name} "
            f"(or move {versions} away to begin anew)"
        )


def _whole_of(folder: Path) -> Path:
    """The folder of all versions, or ready/ itself if it is a plain folder."""
    return folder.parent if folder.parent.name == VERSIONS else folder
