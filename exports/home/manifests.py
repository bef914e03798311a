"""Reading the manifest of a run: all of it, or only its head, the part before the accounts.

A year of whole manifests would be too much to read, and the head says when a run ended and what came out of it. Where
manifests are is in `layout.py`, their keys are in `schemas/manifest.py`, and `runs.py` writes them.
"""

import re
from pathlib import Path
from typing import NamedTuple, cast

import orjson

from exports.home.files import read_json
from schemas.errors import NotAllowed
from schemas.manifest import Manifest, Night


class Ended(NamedTuple):
    """When a run ended, for sorting runs.

    Times in manifests are whole seconds; runs of the same second are sorted by when their manifests were written.
    """

    finished: str
    written: int
    run: str


def read_manifest(path: Path) -> Manifest:
    """A whole manifest. Raises NotAllowed if it is damaged."""
    try:
        manifest = read_json(path)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or not manifest.keys() >= _PROMISED:
        raise NotAllowed(
            f"{path} is damaged. Put it back from a backup, or move the folder away; the ledger keeps its decisions"
        )
    return cast("Manifest", manifest)


def read_end(path: Path) -> tuple[Ended, str]:
    """When a run ended, and its kind, from the head of its manifest."""
    head = _head(path)
    heads = [match[1].decode() for key in (b"kind", b"finished") if (match := re.search(_TEXT_OF % key, head))]
    if len(heads) < 2:
        manifest = read_manifest(path)
        heads = [manifest["kind"], manifest["finished"]]
    return end_of(path, heads[1]), heads[0]


def read_night(path: Path) -> Night:
    """A run from the head of its manifest, or from the whole manifest if that is not enough."""
    head = _head(path)
    started, totals = re.search(_TEXT_OF % b"started", head), re.search(_TOTALS, head)
    manifest = {"started": started[1].decode(), "totals": orjson.loads(totals[1])} if started and totals else None
    known = manifest or read_manifest(path)
    return {
        "run": path.parent.name,
        "kind": "nightly",
        "started": known["started"],
        "status": "held" if known["totals"]["held"] else "complete",
        "totals": known["totals"],
    }


def end_of(path: Path, finished: str) -> Ended:
    """When a run ended, by its manifest's `finished` and the time of the file."""
    return Ended(finished, path.stat().st_mtime_ns, path.parent.name)


def end_by_id(run: str) -> Ended:
    """When a run started, which is in its id: for a run whose folder is gone."""
    return Ended(re.sub(_ID_TIME, r"\1-\2-\3T\4:\5:\6Z", run), 0, run)


# ----------------------------------------------------------------------------------------------------------------------

_PROMISED = {"run", "kind", "started", "finished", "columns", "source", "totals", "reports", "held"}
_HEAD = 4096  # bytes
_TEXT_OF = rb'"%s": ?"([^"]*)"'
_TOTALS = rb'"totals": ?(\{[^{}]*\})'
_ID_TIME = r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*"


def _head(path: Path) -> bytes:
    """The part before the accounts, or most of it."""
    with path.open("rb") as file:
        return file.read(_HEAD)
