"""`partner-certs`: what can be said to it, and what it calls.

Commands translate words into calls of `flows/jobs.py` and what comes of it into text (`cli/output.py`) and exit
statuses (`cli/errors.py`). Reviewing and deciding are in `cli/review.py`, the sandbox and the doctor in
`cli/tools.py`. Nothing that a person waits for imports Prefect, and polars only once it is needed.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import desk, options, output, review, tools
from cli.errors import HELD, UNFORESEEN, home_in_force, say, settings_in_force, what_happened
from cli.options import command
from schemas.errors import WrongUsage

if TYPE_CHECKING:
    from flows.certify import Outcome, Step
    from flows.jobs import Tell
    from flows.settings import Settings


class InOrder(click.Group):
    """Its help lists the commands in the order of their use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As they were added."""
        return list(self.commands)


@click.group("partner-certs", cls=InOrder)
def app() -> None:
    """One validated certification report per partner account, from an Impartner user export."""


@command(app, kind="nightly")
@options.export
@click.option("--approve-unattended", default="none", help="none, gains or valid: what needs no reviewer.")
@options.runner
@options.profile
def nightly(
    export: Path | None, approve_unattended: str, runner: str | None, profile: str | None, home: Path | None, json: bool
) -> None:
    """Every account: one report each, staged for review.

    EXPORT is a downloaded CSV or XLSX; without it, Impartner is asked.
    """
    from flows.jobs import policy_named, run_nightly

    settings, policy = settings_in_force(home, profile), policy_named(approve_unattended)
    parameters = {"export": _text(export), "approve_unattended": policy}
    outcome = _conducted(
        settings, json, lambda step, tell: run_nightly(settings, export, policy, step, tell), parameters, runner
    )
    output.tell_outcome(outcome, json=json)
    _end(outcome)


@command(app, kind="account")
@click.argument("name")
@options.export
@options.profile
def account(name: str, export: Path | None, profile: str | None, home: Path | None, json: bool) -> None:
    """One account, now. The last line is the path of its report.

    NAME is the account's name or id, EXPORT a downloaded CSV or XLSX; without it, Impartner is asked.
    """
    from flows.jobs import run_account

    settings = settings_in_force(home, profile)
    parameters = {"account": name, "export": _text(export), "approve_by": None}
    outcome = _conducted(
        settings, json, lambda step, tell: run_account(settings, name, export, None, step, tell), parameters
    )
    output.tell_outcome(outcome, json=json)
    if not json:
        review.offer_release(settings, outcome)
        output.print_report_paths(outcome)
    _end(outcome)


@command(app, kind="nightly")
@options.needed_export
@options.profile
def check(export: Path, profile: str | None, home: Path | None, json: bool) -> None:
    """Everything nightly does, without keeping anything.

    EXPORT is a downloaded CSV or XLSX.
    """
    from flows.jobs import run_check

    settings = settings_in_force(home, profile)
    outcome = _conducted(settings, json, lambda step, _: run_check(settings, export, step))
    output.tell_outcome(outcome, json=json)
    _end(outcome)


@command(app)
def columns(home: Path | None, json: bool) -> None:
    """The columns of a report, as they are in force."""
    from schemas.columns import COLUMNS

    if json:
        shown = [{"field": c.field, "heading": c.heading, "cell": c.cell} for c in COLUMNS]
        output.print_json({"columns": shown})
        return
    for number, column in enumerate(COLUMNS, start=1):
        output.line(f"{number:>2}  {column.field:28}  {column.heading:32}  {column.cell}")


@command(app)
def runs(home: Path | None, json: bool) -> None:
    """The runs, newest first."""
    manifests = home_in_force(home).manifests()
    if json:
        output.print_json({"runs": list(map(output.run_json, manifests))})
    else:
        output.print_runs(manifests)


@command(app)
@options.run
def show(run: str, home: Path | None, json: bool) -> None:
    """One run: accounts, counts, faults.

    RUN is its id, or latest.
    """
    place = home_in_force(home)
    manifest = place.manifest(run)
    if json:
        output.print_json(manifest)
    else:
        output.print_run(manifest, place.runs / manifest["run"])


review.add_to(app)
desk.add_to(app)
desk.add_to(app)
tools.add_to(app)


def main() -> None:
    """The command. Ends with its exit status, and without a traceback for what a user can cause."""
    try:
        status = app(standalone_mode=False)
    except click.ClickException as wrong:
        with suppress(OSError):  # if nobody reads it, the exit status still tells
            wrong.show()
        status = wrong.exit_code
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        say(what_happened(problem))
        status = UNFORESEEN
    sys.exit(status)


def _conducted(
    settings: Settings,
    json: bool,
    work: Callable[[Step, Tell | None], Outcome],
    parameters: dict[str, str | None] | None = None,
    runner: str | None = None,
) -> Outcome:
    """Do the work with its progress shown; given `parameters`, as a Prefect flow run if a server answers."""
    if runner and not settings.prefect_api_url:
        raise WrongUsage(f"The runner {runner} is Prefect's, and no server is named. Set PREFECT_API_URL")
    if parameters is not None and _answers(settings.prefect_api_url, runner):
        from flows.orchestration.record import record

        kind = "account" if "account" in parameters else "nightly"
        outcome = record(kind, parameters, lambda step: work(step, None), warn=say, runner=runner)
    else:
        from cli.progress import shown

        with shown(quiet=json) as (step, tell):
            outcome = work(step, tell)
    for notice in outcome.notices:
        say(notice)
    return outcome


def _answers(api_url: str | None, runner: str | None) -> bool:
    """Whether there is a Prefect server to record with; if it is named and does not answer, that is said."""
    if not api_url:
        return False
    from flows.orchestration.health import reachable
    from flows.settings import without_password

    if reachable(api_url):
        return True
    instead = f", and threads of this process write instead of {runner}" if runner else ""
    say(f"Prefect does not answer at {without_password(api_url)}: the run is not recorded there{instead}")
    return False


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _end(outcome: Outcome) -> None:
    if outcome.status == "held":
        raise click.exceptions.Exit(HELD)
