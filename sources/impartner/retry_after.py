"""How long a server asks to wait, in all forms of headers."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]*)?")
_SINCE_1970 = 1e9  # a reset above this many seconds is a moment, not a span


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from now; None if the headers have none.

    `Retry-After` is seconds or a date; `RateLimit-Reset` and `X-RateLimit-Reset` are seconds, or a time since 1970.
    Dates are relative to the server's clock (`Date`), else to ours.
    """
    asked = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(asked):
        return float(asked)
    until = _moment(asked)
    if until is None:
        resets = (headers.get(name, "").strip() for name in ("ratelimit-reset", "x-ratelimit-reset"))
        seconds = next((float(reset) for reset in resets if _NUMBER.fullmatch(reset)), None)
        if seconds is None or seconds <= _SINCE_1970:
            return seconds
        until = seconds
    now = _moment(headers.get("date", ""))
    return max(0.0, until - (time.time() if now is None else now))


def _moment(date: str) -> float | None:
    """An HTTP date in seconds since 1970; without a zone, it is UTC. None if it is not a date."""
    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
