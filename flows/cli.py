"""`partner-certs`: what can be said to it, and what it calls.

Commands translate words into calls of `flows/orders.py` and what comes of it into text (`flows/telling.py`) and exit
statuses (`flows/answering.py`). Reviewing and deciding are in `flows/cli_review.py`, the sandbox and the doctor in
`flows/cli_tools.py`. Nothing that a person waits for imports Prefect, and polars only once it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import cli_review, cli_tools, telling
from flows.answering import HELD, Debug, Home, Json, Run, answering, home_in_force, say, settings_in_force
from schemas.errors import WrongUsage

if TYPE_CHECKING:
    from flows.certify import Outcome, Step
    from flows.orders import Tell
    from flows.settings import Settings

app = typer.Typer(
    help="One validated certification report per partner account, from an Impartner user export.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Profile = Annotated[str | None, typer.Option(help="intl: comma. eu: semicolon.", show_default=False)]
Export = Annotated[Path | None, typer.Argument(help="A downloaded CSV or XLSX; without it, Impartner is asked.")]
Policy = Annotated[str, typer.Option(help="none, gains or valid: what needs no reviewer.")]
Runner = Annotated[str, typer.Option(help="threads, dask or dask=ADDRESS: who writes the reports (docs/scale.md).")]


@app.command()
def nightly(
    export: Export = None,
    approve_unattended: Policy = "none",
    runner: Runner = "threads",
    profile: Profile = None,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Every account: one report each, staged for review."""
    with answering(json=json, debug=debug, kind="nightly"):
        from flows.orders import policy_named, run_nightly

        settings, policy = settings_in_force(home, profile), policy_named(approve_unattended)
        parameters = {"export": _text(export), "approve_unattended": policy}
        outcome = _conducted(
            settings, json, lambda step, tell: run_nightly(settings, export, policy, step, tell), parameters, runner
        )
        telling.tell_outcome(outcome, json=json)
        _end(outcome)


@app.command()
def account(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name or id.")],
    export: Export = None,
    profile: Profile = None,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """One account, now. The last line is the path of its report."""
    with answering(json=json, debug=debug, kind="account"):
        from flows.orders import run_account

        settings = settings_in_force(home, profile)
        parameters = {"account": name, "export": _text(export), "approve_by": None}
        outcome = _conducted(
            settings, json, lambda step, tell: run_account(settings, name, export, None, step, tell), parameters
        )
        telling.tell_outcome(outcome, json=json)
        if not json:
            cli_review.offer_release(settings, outcome)
            telling.print_report_paths(outcome)
        _end(outcome)


@app.command()
def check(
    export: Annotated[Path, typer.Argument(help="A downloaded CSV or XLSX.")],
    profile: Profile = None,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Everything nightly does, without keeping anything."""
    with answering(json=json, debug=debug, kind="nightly"):
        from flows.orders import run_check

        settings = settings_in_force(home, profile)
        outcome = _conducted(settings, json, lambda step, _: run_check(settings, export, step))
        telling.tell_outcome(outcome, json=json)
        _end(outcome)


@app.command()
def columns(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    """The columns of a report, as they are in force."""
    with answering(json=json, debug=debug):
        from schemas.columns import COLUMNS

        if json:
            shown = [{"field": c.field, "heading": c.heading, "cell": c.cell} for c in COLUMNS]
            telling.print_json({"columns": shown})
            return
        for number, column in enumerate(COLUMNS, start=1):
            typer.echo(f"{number:>2}  {column.field:28}  {column.heading:32}  {column.cell}")


@app.command()
def runs(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    """The runs, newest first."""
    with answering(json=json, debug=debug):
        manifests = home_in_force(home).manifests()
        if json:
            telling.print_json({"runs": list(map(telling.run_json, manifests))})
        else:
            telling.print_runs(manifests)


@app.command()
def show(run: Run = "latest", home: Home = None, json: Json = False, debug: Debug = False) -> None:
    """One run: accounts, counts, faults."""
    with answering(json=json, debug=debug):
        place = home_in_force(home)
        manifest = place.manifest(run)
        if json:
            telling.print_json(manifest)
        else:
            telling.print_run(manifest, place.runs / manifest["run"])


cli_review.add_to(app)
cli_tools.add_to(app)


def main() -> None:
    """The command. Ends with the exit status of the contract, and without a traceback for what a user can cause."""
    app()


def _conducted(
    settings: Settings,
    json: bool,
    work: Callable[[Step, Tell | None], Outcome],
    parameters: dict[str, str | None] | None = None,
    runner: str = "threads",
) -> Outcome:
    """Do the work with its progress shown; given `parameters`, as a Prefect flow run if a server answers."""
    if runner != "threads" and not settings.prefect_api_url:
        raise WrongUsage(f"The runner {runner} is Prefect's, and no server is named. Set PREFECT_API_URL")
    if parameters is not None and _answers(settings.prefect_api_url):
        from flows.recording import record

        kind = "account" if "account" in parameters else "nightly"
        outcome = record(kind, parameters, lambda step: work(step, None), runner)
    else:
        from flows.progress import shown

        with shown(quiet=json) as (step, tell):
            outcome = work(step, tell)
    for notice in outcome.notices:
        say(notice)
    return outcome


def _answers(api_url: str | None) -> bool:
    """Whether there is a Prefect server to record with; if it is named and does not answer, that is said."""
    if not api_url:
        return False
    from flows.reachable import reachable
    from flows.settings import without_password

    if reachable(api_url):
        return True
    say(f"Prefect does not answer at {without_password(api_url)}: the run is not recorded there")
    return False


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _end(outcome: Outcome) -> None:
    if outcome.status == "held":
        raise typer.Exit(HELD)
