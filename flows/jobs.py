"""What can be ordered: the nightly run, one account now, a release. Plain functions for the command and Prefect alike.

Here an export's source is chosen and what follows on a finished run (an approval, a release). The sentence itself is
in `flows/certify.py`, decisions in `flows/review/decide.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from exports.home.layout import Home
from flows.certify import Job, Outcome, Step, certify, directly, rehearse
from flows.reuse import certify_or_repeat
from schemas.errors import WrongUsage

if TYPE_CHECKING:
    from flows.review.decide import Policy
    from flows.review.release import Release
    from flows.settings import Settings
    from sources.export import Export
    from sources.impartner.pull import Progress

Tell = Callable[["Progress"], None]


def run_nightly(
    settings: Settings, export: Path | None, policy: Policy = "none", step: Step = directly, tell: Tell | None = None
) -> Outcome:
    """Every account: from the file, or pulled from Impartner. Then what `policy` lets through is approved."""
    home = Home(settings.home)
    job = Job(
        "nightly", _source(settings, export, None, tell), settings.profile, None, export, encoding=settings.encoding
    )
    with home.pulling() if export is None else nullcontext():
        outcome = certify_or_repeat(job, home, step)
    if policy != "none":
        from flows.review.decide import approve_unattended

        step("approve", approve_unattended, home, outcome.run, policy, _now())
    return outcome


def policy_named(name: str) -> Policy:
    """The policy of this name; raises WrongUsage if there is none."""
    from flows.review.decide import Policy

    policies: dict[str, Policy] = {policy: policy for policy in get_args(Policy)}
    if name not in policies:
        raise WrongUsage(f"There is no policy {name!r}. Give one of {', '.join(policies)}")
    return policies[name]


def run_account(
    settings: Settings,
    account: str,
    export: Path | None,
    approve_by: str | None = None,
    step: Step = directly,
    tell: Tell | None = None,
) -> Outcome:
    """One account by name or id, now. With `approve_by` it is approved and released too, if it is not held."""
    home = Home(settings.home)
    job = Job(
        "account",
        _source(settings, export, account, tell),
        settings.profile,
        account,
        export,
        encoding=settings.encoding,
    )
    outcome = certify(job, home, step)
    if approve_by and approve_by.strip() and outcome.status == "complete":
        step("release", approve_and_release, home, outcome.run, approve_by)
    return outcome


def run_check(settings: Settings, export: Path, step: Step = directly) -> Outcome:
    """Everything `run_nightly` does, without keeping anything."""
    return rehearse(
        Job(
            "nightly", _source(settings, export, None, None), settings.profile, None, export, encoding=settings.encoding
        ),
        step,
    )


def run_release(settings: Settings, run: str, step: Step = directly) -> Release:
    """Put what is approved of a run into ready/."""
    from flows.review.release import refuse_if_all_passed_over, release

    released = step("release", release, Home(settings.home), run, now=_now())
    refuse_if_all_passed_over(released)
    return released


def approve_and_release(home: Home, run: str, by: str, reason: str = "on demand") -> Release:
    """Approve all of a run and put it into ready/, in one go."""
    from flows.review.decide import decide
    from flows.review.release import release

    decide(home, "approve", run, every=True, by=by, reason=reason, now=_now())
    return release(home, run, now=_now())


def _source(settings: Settings, export: Path | None, account: str | None, tell: Tell | None) -> Callable[[], Export]:
    if export is not None:
        return lambda: _read(export, settings.encoding)
    connection = settings.connection()

    def pulled() -> Export:
        from sources.impartner.pull import pull

        return pull(connection, account=account, progress=tell)

    return pulled


def _read(export: Path, encoding: str | None) -> Export:
    from sources.downloads import read

    return read(export, encoding)


def _now() -> datetime:
    return datetime.now(UTC)
