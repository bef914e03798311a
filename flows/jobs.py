"""The jobs: the nightly run, one account now, a check, contacts. Plain functions for the command, the desk and Prefect.

Where an export comes from is chosen here. The pipeline is in `flows/certify.py`; approving and releasing a finished run
are in `flows/approvals.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from exports.home.layout import Home
from flows.certify import Job, Outcome, Step, certify, directly
from flows.reuse import certify_or_repeat
from flows.run_ids import Kind, utc_now
from flows.settings import Settings
from schemas.review import Policy
from sources import downloads
from sources.export import Export

if TYPE_CHECKING:  # it imports polars and HTTP, which only a pull needs
    from sources.impartner.pull import Progress

OnProgress = Callable[["Progress"], None]


def run_nightly(
    settings: Settings,
    export: Path | None,
    policy: Policy = "none",
    step: Step = directly,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Every account, from the file or pulled from Impartner; then approve what `policy` lets through."""
    home = Home(settings.home)
    job = _job("nightly", settings, export, on_progress=on_progress)
    with home.pulling() if export is None else nullcontext():
        outcome = certify_or_repeat(job, home, step)
    outcome = replace(outcome, notices=(*outcome.notices, *_clock_notice(home, outcome.run)))
    if policy != "none":
        from flows.review.unattended import approve_unattended  # late: polars, which the run has already imported

        step("approve", approve_unattended, home, outcome.run, policy, utc_now())
    return outcome


def run_account(
    settings: Settings, account: str, export: Path | None, step: Step = directly, on_progress: OnProgress | None = None
) -> Outcome:
    """One account by name or id, now."""
    return certify(_job("account", settings, export, account, on_progress), Home(settings.home), step)


def run_check(settings: Settings, export: Path, step: Step = directly) -> Outcome:
    """Everything `run_nightly` does, without keeping anything."""
    return certify(_job("nightly", settings, export), None, step)


def run_contacts(settings: Settings) -> list[str]:
    """Pull and keep the recipients of each account's report; returns notices."""
    from flows.pull_contacts import keep_contacts  # late: HTTP, only for a pull

    return keep_contacts(settings)


# ----------------------------------------------------------------------------------------------------------------------


def _clock_notice(home: Home, run: str) -> Iterator[str]:
    """A notice if some nightly run has a later id than the one that has just ended: a clock was or is wrong."""
    later = max(home.run_ids("nightly"), default="")
    if later[:16] > run[:16]:
        yield (
            f"Run {later} has a time in the future, so it stays the newest, and nobody can decide about this "
            f"one. Check the clock, then move {home.runs / later} away"
        )


def _job(
    kind: Kind,
    settings: Settings,
    export: Path | None,
    account: str | None = None,
    on_progress: OnProgress | None = None,
) -> Job:
    if export:
        read: Callable[[], Export] = partial(downloads.read, export, settings.encoding)
    else:
        from flows.impartner import pulling  # late: HTTP, only for a pull

        read = pulling(settings, account, on_progress)
    return Job(kind, read, settings.profile, account, export, encoding=settings.encoding)
