"""What a run is stamped with: its id, the time, the program that made it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

Kind = Literal["nightly", "account"]


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_run(kind: Kind) -> str:
    """The id of a new run: in the order of time when sorted, and never the same twice."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{kind}-{secrets.token_hex(3)}"


def program() -> str:
    """The SHA-256 of the code that decides about the bytes of reports."""
    import polars

    root = Path(__file__).parents[1]
    code = sorted((*root.glob("schemas/*.py"), *root.glob("transforms/*.py"), root / "exports" / "lines.py"))
    found = hashlib.sha256(polars.__version__.encode())
    for path in code:
        found.update(path.read_bytes())
    return found.hexdigest()
