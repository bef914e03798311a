"""`partner-certs`: the ways to start the sentence from a shell, and what they answer.

Commands translate words into calls of `flows/orders.py` and `flows/deciding.py` and results into text
(`flows/telling.py`) and exit codes. Nothing that a person waits for imports Prefect, and polars only once it is needed.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from flows import telling
from schemas.errors import ExportRefused, Stop

if TYPE_CHECKING:
    import exports.home
    from flows.certify import Outcome, Step
    from flows.orders import Tell
    from flows.settings import Settings

HELD, UNFORESEEN, INTERRUPTED, TERMINATED = 4, 1, 130, 143

app = typer.Typer(
    help="One validated certification report per partner account, from an Impartner user export.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Home = Annotated[Path | None, typer.Option("--home", metavar="DIR", help="The home folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback if something unforeseen happens.")]
Profile = Annotated[str | None, typer.Option(help="intl: comma. eu: semicolon.", show_default=False)]
Export = Annotated[Path | None, typer.Argument(help="A downloaded CSV or XLSX; without it, Impartner is asked.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or latest.")]


@app.command()
def nightly(
    export: Export = None, profile: Profile = None, home: Home = None, json: Json = False, debug: Debug = False
) -> None:
    """Every account: one report each, staged for review."""
    with _answering("nightly", json=json, debug=debug):
        from flows.orders import run_nightly

        settings = _settings(home, profile)
        outcome = _conducted(settings, json, lambda step, tell: run_nightly(settings, export, step=step, tell=tell))
        _answer(outcome, json=json)
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
    with _answering("account", json=json, debug=debug):
        from flows.orders import run_account

        settings = _settings(home, profile)
        outcome = _conducted(
            settings, json, lambda step, tell: run_account(settings, name, export, step=step, tell=tell)
        )
        _answer(outcome, json=json)
        if not json and outcome.manifest and outcome.run_dir:
            for report in outcome.manifest["reports"]:
                typer.echo(outcome.run_dir / "reports" / report["file"])
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
    with _answering("nightly", json=json, debug=debug):
        from flows.orders import run_check

        settings = _settings(home, profile)
        outcome = _conducted(settings, json, lambda step, _: run_check(settings, export, step), recorded=False)
        _answer(outcome, json=json)
        _end(outcome)


@app.command()
def columns(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    """The columns of a report, as they are in force."""
    with _answering("columns", json=json, debug=debug):
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
    with _answering("runs", json=json, debug=debug):
        manifests = _home(home).manifests()
        if json:
            keys = ("run", "kind", "started", "totals")
            told = [{key: run[key] for key in keys} | {"status": telling.status_of(run)} for run in manifests]
            telling.print_json({"runs": told})
        else:
            telling.print_runs(manifests)


@app.command()
def show(run: Run = "latest", home: Home = None, json: Json = False, debug: Debug = False) -> None:
    """One run: accounts, counts, faults."""
    with _answering("show", json=json, debug=debug):
        place = _home(home)
        manifest = place.manifest(run)
        if json:
            telling.print_json(manifest)
        else:
            telling.print_run(manifest, str(place.runs / manifest["run"]))


def main() -> None:
    """The command. Ends with the exit status of the contract, and without a traceback for what a user can cause."""
    signal.signal(signal.SIGTERM, _terminate)
    app()


# ---------------------------------------------------------------------------------------------------------------------


class _Terminated(BaseException):
    """Somebody asked the process to end."""


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


@contextmanager
def _answering(kind: str, *, json: bool, debug: bool) -> Iterator[None]:
    """Turn whatever ends a command into one message and the exit status for it."""
    try:
        yield
    except ExportRefused as refused:
        if json:
            telling.print_json(telling.refused_json(kind, refused))
        _say(str(refused))
        if not json:
            telling.print_faults([fault._asdict() for fault in refused.faults])
        raise typer.Exit(refused.exit_status) from None
    except Stop as stop:
        _say(str(stop))
        raise typer.Exit(stop.exit_status) from None
    except KeyboardInterrupt:
        _say("Interrupted: nothing was kept")
        raise typer.Exit(INTERRUPTED) from None
    except _Terminated:
        raise typer.Exit(TERMINATED) from None
    except Exception as unforeseen:
        if debug or isinstance(unforeseen, typer.Exit):
            raise
        _say(f"{_unforeseen(unforeseen)} Try again with --debug, and report what it shows")
        raise typer.Exit(UNFORESEEN) from None


def _unforeseen(problem: Exception) -> str:
    """What happened without what may hold personal data: only messages of the system and of our own checks are told."""
    if isinstance(problem, OSError):
        return f"{problem.strerror or type(problem).__name__}: {problem.filename or 'no file is named'}."
    if isinstance(problem, AssertionError):
        return f"{problem}."
    return f"Something unforeseen happened ({type(problem).__name__})."


def _conducted(
    settings: Settings, quiet: bool, work: Callable[[Step, Tell | None], Outcome], *, recorded: bool = True
) -> Outcome:
    """Do the work with its progress shown, as a Prefect flow run if a server is named and answers."""
    from flows.progress import shown

    with shown(quiet=quiet) as (step, tell):
        outcome = work(step, tell)
    for notice in outcome.notices:
        _say(notice)
    return outcome


def _answer(outcome: Outcome, *, json: bool) -> None:
    if json:
        telling.print_json(telling.outcome_json(outcome))
    else:
        telling.print_outcome(outcome)


def _end(outcome: Outcome) -> None:
    if outcome.status == "held":
        raise typer.Exit(HELD)


def _settings(home: Path | None, profile: str | None = None) -> Settings:
    from flows.settings import load

    return load(home=home, profile=profile)


def _home(home: Path | None) -> exports.home.Home:
    from exports.home import Home

    return Home(_settings(home).home)


def _say(message: str) -> None:
    sys.stderr.write(f"partner-certs: {message}\n")
