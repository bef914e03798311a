"""The jobs: the nightly run, one account now, a check, contacts. Plain functions, for command, desk and Prefect alike.

Where an export comes from is chosen here. The sentence itself is in `flows/certify.py`, and what follows on a finished
run in `flows/approvals.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from exports.home.layout import Home
from flows.certify import Job, Outcome, Step, certify, directly, rehearse
from flows.reuse import certify_or_repeat
from flows.run_ids import Kind, utc_now
from flows.settings import Settings
from schemas.review import Policy
from sources import downloads
from sources.export import Export

if TYPE_CHECKING:  # polars and HTTP, for those who pull
    from sources.impartner.pull import Progress

OnProgress = Callable[["Progress"], None]


def run_nightly(
    settings: Settings,
    export: Path | None,
    policy: Policy = "none",
    step: Step = directly,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Every account: from the file, or pulled from Impartner. Then what `policy` lets through is approved."""
    home = Home(settings.home)
    job = _job("nightly", settings, export, on_progress=on_progress)
    with home.pulling() if export is None else nullcontext():
        outcome = certify_or_repeat(job, home, step)
    outcome = replace(outcome, notices=(*outcome.notices, *_from_the_future(home, outcome.run)))
    if policy != "none":
        from flows.review.decide import approve_unattended  # late: polars, which the run has imported by now

        step("approve", approve_unattended, home, outcome.run, policy, utc_now())
    return outcome


def run_account(
    settings: Settings, account: str, export: Path | None, step: Step = directly, on_progress: OnProgress | None = None
) -> Outcome:
    """One account by name or id, now."""
    return certify(_job("account", settings, export, account, on_progress), Home(settings.home), step)


def run_check(settings: Settings, export: Path, step: Step = directly) -> Outcome:
    """Everything `run_nightly` does, without keeping anything."""
    return rehearse(_job("nightly", settings, export), step)


def run_contacts(settings: Settings) -> list[str]:
    """Pull whom each account's report goes to, and keep it; gives notices."""
    from flows.pull_contacts import keep_contacts  # late: HTTP, for those who pull

    return keep_contacts(settings)


# ----------------------------------------------------------------------------------------------------------------------


def _from_the_future(home: Home, run: str) -> Iterator[str]:
    """A notice if a nightly run has a later id than one that has just ended: a clock was wrong, or is."""
    later = max(home.run_ids("nightly"), default="")
    if later[:16] > run[:16]:
        yield (
            f"Run {later} has a time that has not come yet, so it stays the newest, and nobody can decide about this "
            f"one. See that the clock is right, then move {home.runs / later} away"
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
        from flows.impartner import pulling  # late: HTTP, for those who pull

        read = pulling(settings, account, on_progress)
    return Job(kind, read, settings.profile, account, export, encoding=settings.encoding)
