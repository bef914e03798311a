"""The clock, and the ids of runs that are made of it. Nothing else reads the clock."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["nightly", "account"]


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def now() -> str:
    """The time in UTC, to the second, as manifests have it."""
    return utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")


def new_run(kind: Kind, started: str) -> str:
    """The id of a run: in the order of time when sorted, and never the same twice. started: as `now` gives it."""
    return f"{datetime.fromisoformat(started):%Y%m%dT%H%M%SZ}-{kind}-{secrets.token_hex(3)}"
