"""What a run is stamped with: its id, the time, and what it was made by."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from exports.lines import Profile

Kind = Literal["nightly", "account"]


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_run(kind: Kind) -> str:
    """The id of a new run: in the order of time when sorted, and never the same twice."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{kind}-{secrets.token_hex(3)}"


def made_by(profile: Profile) -> dict[str, str]:
    """The profile, and the SHA-256 of the code that decides about bytes."""
    import polars

    root = Path(__file__).parents[1]
    code = sorted((*root.glob("schemas/*.py"), *root.glob("transforms/*.py"), root / "exports" / "lines.py"))
    program = hashlib.sha256(polars.__version__.encode())
    for path in code:
        program.update(path.read_bytes())
    return {"profile": profile, "program": program.hexdigest()}
