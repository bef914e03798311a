"""What a run is stamped with: its id, the time, the program that made it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

Kind = Literal["nightly", "account"]

PACKAGES = ("flows", "sources", "schemas", "transforms", "exports")
LIBRARIES = ("polars", "fastexcel", "openpyxl", "anyascii")  # read, write, name files


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def now() -> str:
    """The time in UTC, to the second, as manifests have it."""
    return utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")


def new_run(kind: Kind, started: str) -> str:
    """The id of a run: in the order of time when sorted, and never the same twice. started: as `now` gives it."""
    return f"{datetime.fromisoformat(started):%Y%m%dT%H%M%SZ}-{kind}-{secrets.token_hex(3)}"


def program() -> str:
    """The SHA-256 of this program and of the libraries that decide about the bytes of reports."""
    from importlib.metadata import version

    root = Path(__file__).parents[1]
    found = hashlib.sha256(" ".join(map(version, LIBRARIES)).encode())
    for package in PACKAGES:
        for path in sorted(root.glob(f"{package}/**/*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()
