"""Small reports in ready/, for its tests."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from exports.home.layout import Home
from exports.home.ledger import Line
from exports.home.publish import publish
from schemas.manifest import ReadyRow


def row(file: str, data: bytes) -> ReadyRow:
    """A row of a manifest."""
    return {"account": file, "account_id": file, "file": file, "sha256": hashlib.sha256(data).hexdigest()}


def stage(home: Home, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Staged reports by their future name."""
    for file, data in files.items():
        (home.root / f"staged-{file}").write_bytes(data)
    return {file: home.root / f"staged-{file}" for file in files}


def publish_files(home: Home, files: Mapping[str, bytes]) -> None:
    """Release exactly these files."""
    rows = [row(file, data) for file, data in files.items()]
    lines: list[Line] = [
        {
            "at": "2026-11-21T02:00:00Z",
            "what": "release",
            "run": "r1",
            "account": one["account"],
            "account_id": one["account_id"],
            "sha256": one["sha256"],
            "by": "Jo",
            "reason": "",
        }
        for one in rows
    ]
    publish(home, rows, stage(home, files), lines)


def content(home: Home) -> dict[str, bytes]:
    """The ready reports."""
    return {path.name: path.read_bytes() for path in home.ready.glob("*.csv")}
