"""Updates for open pages: decisions since they were loaded, who made them, and whether there is a newer run."""

from typing import Any

from desk.account import decided, token
from desk.current import Snapshot
from desk.live_review import LiveReview, ReviewedRun
from desk.morning import progress
from desk.pages import fragment
from exports.home.status import RunStatus


def updates_since(live: LiveReview, run: str, seen: int) -> dict[str, Any] | None:
    """The decisions of the run since the version that a page has seen; None if it has seen them all."""
    snapshot, reviewed = live.now()
    if snapshot.status is None or reviewed is None or snapshot.status.run != run or snapshot.status.newer:
        return {"newer": True}
    if seen < snapshot.loaded:  # after a release, the page compares with an outdated ready/
        return {"reload": True}
    return None if seen == snapshot.version else _state(snapshot, reviewed, snapshot.status, seen)


# ---------------------------------------------------------------------------------------------------------------------


def _state(snapshot: Snapshot, reviewed: ReviewedRun, status: RunStatus, seen: int) -> dict[str, Any]:
    far = progress(reviewed, status)
    keys = (reviewed.keys[index] for index in snapshot.decided_since(seen) if index in reviewed.keys)
    return {
        "version": snapshot.version,
        "progress": far.text,
        "decided": far.decided,
        "to_release": far.to_release,
        "release_words": far.release_text,
        "decisions": {key: _decision(reviewed, status, key) for key in keys},
    }


def _decision(reviewed: ReviewedRun, status: RunStatus, key: str) -> dict[str, str]:
    one = reviewed.status(status, key)
    shows = decided(one)
    return {"decision": one.decision, "seen": token(one), "by": shows["by"], "state": fragment("decision", **shows)}
