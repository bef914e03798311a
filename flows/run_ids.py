"""The clock, and the ids of runs, which begin with the time. Nothing else reads the clock."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["nightly", "account"]


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def now() -> str:
    """The current time in UTC, to the second, in the format of manifests."""
    return utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")


def new_run(kind: Kind, started: str) -> str:
    """A new run id: ids sort by time, and are unique. started: in the format of `now`."""
    return f"{datetime.fromisoformat(started):%Y%m%dT%H%M%SZ}-{kind}-{secrets.token_hex(3)}"
