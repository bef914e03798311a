"""What can be ordered: the nightly run, one account now, a release. Plain functions for the command and Prefect alike.

Here an export's source is chosen and what follows on a finished run (an approval, a release). The sentence itself is
in `flows/certify.py`, decisions in `flows/review/decide.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Released:
    """A release of a run, and the rows and the change of the reports that it may have moved, by file name."""

    release: Release
    run_dir: Path
    reports: Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class OnDemand:
    """An account's run, and its release. There is none if the account is held, or if approving it needs a reason."""

    outcome: Outcome
    release: Release | None = None
    needs_reason: str = ""  # why


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
    step: Step = directly,
    tell: Tell | None = None,
) -> Outcome:
    """One account by name or id, now."""
    job = Job(
        "account",
        _source(settings, export, account, tell),
        settings.profile,
        account,
        export,
        encoding=settings.encoding,
    )
    return certify(job, Home(settings.home), step)


def release_on_demand(settings: Settings, outcome: Outcome, by: str, reason: str, step: Step = directly) -> OnDemand:
    """Approve an account's run and release it. Held accounts are not, nor what needs a reason if there is none."""
    why = "" if reason.strip() else _why_reason(outcome)
    if why or outcome.status == "held":
        return OnDemand(outcome, needs_reason=why)
    release = step("release", approve_and_release, Home(settings.home), outcome.run, by, reason)
    return OnDemand(outcome, release)


def run_check(settings: Settings, export: Path, step: Step = directly) -> Outcome:
    """Everything `run_nightly` does, without keeping anything."""
    return rehearse(
        Job(
            "nightly", _source(settings, export, None, None), settings.profile, None, export, encoding=settings.encoding
        ),
        step,
    )


def run_release(settings: Settings, run: str, step: Step = directly) -> Released:
    """Put what is approved of a run into ready/."""
    from exports.home import ready
    from flows.review.release import refuse_if_all_passed_over, release

    home = Home(settings.home)
    before = ready.rows(home)
    done = step("release", release, home, run, now=_now())
    refuse_if_all_passed_over(done)
    reports = home.manifest(done["run"])["reports"]
    known = {row["file"]: (row["rows"], "gone") for row in before}
    known |= {row["file"]: (row["rows"], row["change"]) for row in reports}
    return Released(done, home.runs / done["run"], known)


def approve_and_release(home: Home, run: str, by: str, reason: str = "") -> Release:
    """Approve all of a run and put it into ready/, in one go."""
    from flows.review.decide import decide
    from flows.review.release import release

    decide(home, "approve", run, every=True, by=by, reason=reason, now=_now())
    return release(home, run, now=_now())


def _why_reason(outcome: Outcome) -> str:
    """Why approving an account's run needs a reason; "" if it needs none."""
    accounts = outcome.review["accounts"] if outcome.review else []
    whys = (one["needs_reason"].get("approve", "") for one in accounts if one["decision"] == "missing")
    return next(filter(None, whys), "")


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
