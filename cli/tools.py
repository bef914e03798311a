"""`sandbox` and `doctor`: a pretend Impartner to try things on, and checks of settings and servers."""

from __future__ import annotations

import gc
from pathlib import Path

import click
from click.exceptions import Exit

from cli import output
from cli.doctor import examine, exit_status
from cli.options import command
from schemas.errors import WrongUsage
from sources.sandbox.server import Sandbox, serve


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    for function in (sandbox, doctor):
        command(app)(function)


@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0: a free one.")
@click.option("--day", type=click.IntRange(1, 2), default=1, help="1, or 2: the same tenant a day later.")
@click.option("--fault", "faults", multiple=True, help="A fault to switch on, such as 429; repeatable.")
@click.option("--latency", type=click.FloatRange(min=0), default=0, help="Seconds before each response.")
@click.option("--users", type=click.IntRange(min=1), default=700, help="How many users.")
@click.option("--accounts", type=click.IntRange(min=1), default=40, help="How many accounts.")
def sandbox(
    port: int,
    day: int,
    faults: tuple[str, ...],
    latency: float,
    users: int,
    accounts: int,
    home: Path | None,
    json: bool,
) -> None:
    """A pretend Impartner on loopback, with demo data."""
    gc.enable()  # a server runs for long: see cli/main.py

    def started(site: Sandbox) -> None:
        _print_site(site, json=json)

    try:
        serve(port, started=started, day=day, faults=faults, latency=latency, users=users, accounts=accounts)
    except ValueError as problem:
        raise WrongUsage(str(problem)) from None
    except OSError as problem:
        raise WrongUsage(f"Port {port} can't be used ({problem.strerror}). Choose another one with --port") from None


def doctor(home: Path | None, json: bool) -> None:
    """What works, and what to do about what does not. Ends with the exit status that a nightly run would have."""
    checks = examine(home)
    if json:
        shown = [{"name": c.name, "ok": c.ok, "found": c.found, "remedy": c.remedy} for c in checks]
        output.print_json({"checks": shown})
    else:
        for check in checks:
            output.line(f"{'ok ' if check.ok else 'NO '} {check.name}: {check.found}")
            if check.remedy:
                output.line(f"      {check.remedy}")
    if status := exit_status(checks):
        raise Exit(status)


def _print_site(site: Sandbox, *, json: bool) -> None:
    settings = {
        "PARTNER_CERTS_IMPARTNER_URL": site.url,
        "PARTNER_CERTS_IMPARTNER_KEY": site.key,
        "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(site.proof),
    }
    if json:
        output.print_json({"url": site.url, "settings": settings})
        return
    output.line(f"A pretend Impartner is at {site.url}. Stop it with Ctrl-C. To use it, in another shell:")
    for name, value in settings.items():
        output.line(f"  export {name}='{value}'")
