"""`nightly`, `account` and `check`: their options, progress and results. The jobs themselves are in `flows/jobs.py`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import get_args

import click

from cli import options, output, signals
from cli.errors import HELD, warn_all
from cli.options import command
from cli.run_output import outcome_json, print_outcome
from cli.settings import load_settings
from exports.home.layout import Home
from exports.home.runs import remove_staged
from flows.certify import Outcome, Step, directly
from flows.jobs import OnProgress, run_account, run_check, run_nightly
from flows.orchestration.runners import THREADS
from flows.settings import Settings
from schemas.errors import ExportRefused, WrongUsage
from schemas.review import Policy

POLICIES: tuple[Policy, ...] = get_args(Policy)
Work = Callable[[Step, OnProgress | None], Outcome]


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    signals.before_exit.append(remove_staged)
    command(app, kind="nightly")(nightly)
    command(app, kind="account")(account)
    command(app, kind="nightly")(check)


@options.export
@click.option(
    "--approve-unattended", type=click.Choice(POLICIES), default="none", help="What to approve without a reviewer."
)
@options.runner
@options.profile
@options.encoding
def nightly(
    export: Path | None,
    approve_unattended: Policy,
    runner: str | None,
    profile: str | None,
    encoding: str | None,
    home: Path | None,
    json: bool,
) -> None:
    """Every account: one report each, staged for review.

    EXPORT is a downloaded CSV or XLSX; without it, the users are pulled from Impartner.
    """
    settings = load_settings(home, profile, encoding)
    if runner and not settings.prefect_api_url:
        raise WrongUsage(f"The runner {runner} needs a Prefect server, and none is set. Set PREFECT_API_URL")
    work = partial(run_nightly, settings, export, approve_unattended)
    parameters = {"export": _text(export), "approve_unattended": approve_unattended, "runner": runner or THREADS}
    outcome = _run("nightly", parameters, settings, work, runner, quiet=json)
    _print(outcome, json=json)
    _end(outcome)


@click.argument("name")
@options.export
@options.profile
@options.encoding
def account(
    name: str, export: Path | None, profile: str | None, encoding: str | None, home: Path | None, json: bool
) -> None:
    """One account, now. The last line is the path of its report.

    NAME is the account's name or id, EXPORT a downloaded CSV or XLSX; without it, the users are pulled from Impartner.
    """
    if export and not export.suffix and not export.exists():
        quoted = shlex.quote(f"{name} {export}")
        raise ExportRefused(
            f"{export}: there is no such file. If the name has several words, put it in quotes: "
            f"partner-certs account {quoted}"
        )
    settings = load_settings(home, profile, encoding)
    work = partial(run_account, settings, name, export)
    parameters = {"account": name, "export": _text(export), "approve_by": None, "reason": None}
    outcome = _run("account", parameters, settings, work, quiet=json)
    _print(outcome, json=json)
    if not json:
        from cli.approval import offer_release  # late: polars, which the run has already imported

        offer_release(Home(settings.home), outcome, ["--home", str(home)] if home else [])
    _end(outcome)


@options.needed_export
@options.profile
@options.encoding
def check(export: Path, profile: str | None, encoding: str | None, home: Path | None, json: bool) -> None:
    """Everything nightly does, without keeping anything.

    EXPORT is a downloaded CSV or XLSX.
    """
    settings = load_settings(home, profile, encoding)
    outcome = _with_progress(lambda step, _: run_check(settings, export, step), quiet=json)
    _print(outcome, json=json)
    _end(outcome)


# ----------------------------------------------------------------------------------------------------------------------


def _run(
    kind: str,
    parameters: dict[str, str | None],
    settings: Settings,
    work: Work,
    runner: str | None = None,
    *,
    quiet: bool,
) -> Outcome:
    """Do the work, recorded as a Prefect flow run if a server answers."""
    outcome = None
    if settings.prefect_api_url:
        from cli.recording import recorded  # late: asyncio and HTTP, only with a server

        outcome = recorded(kind, parameters, settings.prefect_api_url, work, runner)
    return outcome or _with_progress(work, quiet=quiet)


def _with_progress(work: Work, *, quiet: bool) -> Outcome:
    """Do the work, and show its progress if standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        return work(directly, None)
    from cli.progress import progress_bars  # late: rich, only on a terminal

    with progress_bars() as (step, on_progress):
        return work(step, on_progress)


def _print(outcome: Outcome, *, json: bool) -> None:
    warn_all(outcome.notices)
    if json:
        output.print_json(outcome_json(outcome))
    else:
        print_outcome(outcome)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _end(outcome: Outcome) -> None:
    if outcome.status == "held":
        raise click.exceptions.Exit(HELD)
