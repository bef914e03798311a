"""Approving and releasing the reports of a finished run. Plain functions for the command and Prefect alike.

What may be approved is decided in `flows/review/decide.py`, what needs a reason in `flows/review/reasons.py`; which
reports move, in `flows/review/release.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exports.home import ready
from exports.home.layout import Home
from flows.certify import Outcome, Step, directly
from flows.review.decide import decide
from flows.review.release import Release, refuse_if_all_passed_over, release
from flows.run_ids import utc_now
from flows.settings import Settings


@dataclass(frozen=True)
class Released:
    """A release, and the rows and change of each report that it may have moved, by file name."""

    release: Release
    run_dir: Path
    reports: Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class OnDemand:
    """An account's run, and its release. None if the account is held, or if approving it needs a reason."""

    outcome: Outcome
    release: Release | None = None
    needs_reason: str = ""  # why


def run_release(settings: Settings, run: str, step: Step = directly) -> Released:
    """Put the approved reports of a run into ready/."""
    home = Home(settings.home)
    before = ready.rows(home)
    done = step("release", release, home, run, now=utc_now())
    refuse_if_all_passed_over(done)
    reports = home.manifest(done["run"])["reports"]
    known = {row["file"]: (row["rows"], "gone") for row in before}
    known |= {row["file"]: (row["rows"], row["change"]) for row in reports}
    return Released(done, home.runs / done["run"], known)


def release_on_demand(settings: Settings, outcome: Outcome, by: str, reason: str, step: Step = directly) -> OnDemand:
    """Approve and release an account's run, unless the account is held or approving it needs a reason and has none."""
    why = "" if reason.strip() else _why_reason(outcome)
    if why or outcome.status == "held":
        return OnDemand(outcome, needs_reason=why)
    release = step("release", approve_and_release, Home(settings.home), outcome.run, by, reason)
    return OnDemand(outcome, release)


def approve_and_release(home: Home, run: str, by: str, reason: str = "") -> Release:
    """Approve all accounts of a run, then release it."""
    decide(home, "approve", run, every=True, by=by, reason=reason, now=utc_now())
    return release(home, run, now=utc_now())


def _why_reason(outcome: Outcome) -> str:
    """Why approving an account's run needs a reason; "" if it needs none."""
    accounts = outcome.review["accounts"] if outcome.review else []
    whys = (one["needs_reason"].get("approve", "") for one in accounts if one["decision"] == "missing")
    return next(filter(None, whys), "")
