"""What open pages need to keep up: decisions since they were loaded, who made them, and whether a newer run came."""

from typing import Any

from desk.current import Moment
from desk.morning import decided, progress, token
from desk.night import Night, Nights
from desk.pages import fragment
from exports.home.status import RunStatus


def since(nights: Nights, run: str, seen: int) -> dict[str, Any] | None:
    """The decisions of the run since the version that a page has seen; None if it has seen them all."""
    moment, night = nights.now()
    if moment.status is None or night is None or moment.status.run != run or moment.status.newer:
        return {"newer": True}
    if seen < moment.begun:  # somebody released: what is ready, and so what the page shows, is another
        return {"reload": True}
    return None if seen == moment.version else _state(moment, night, moment.status, seen)


# ---------------------------------------------------------------------------------------------------------------------


def _state(moment: Moment, night: Night, status: RunStatus, seen: int) -> dict[str, Any]:
    far = progress(night, status)
    keys = (night.keys[place] for place in moment.decided_since(seen) if place in night.keys)
    return {
        "version": moment.version,
        "progress": far.words,
        "decided": far.decided,
        "to_release": far.to_release,
        "release_words": far.release_words,
        "decisions": {key: _words(night, status, key) for key in keys},
    }


def _words(night: Night, status: RunStatus, key: str) -> dict[str, str]:
    one = night.status(status, key)
    shows = decided(one)
    return {"decision": one.decision, "seen": token(one), "by": shows["by"], "state": fragment("decision", **shows)}
