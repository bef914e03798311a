"""The tools around the work: a pretend Impartner to try things on, and a doctor for what does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows import telling
from flows.answering import Debug, Home, Json, answering

if TYPE_CHECKING:
    from sources.sandbox.server import Sandbox


def add_to(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(sandbox)
    app.command()(doctor)


def sandbox(
    port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    day: Annotated[int, typer.Option(help="1, or 2: the same tenant a day later.", min=1, max=2)] = 1,
    fault: Annotated[list[str] | None, typer.Option(help="A fault to switch on, such as 429; may be repeated.")] = None,
    latency: Annotated[float, typer.Option(help="Seconds that each answer takes.", min=0)] = 0,
    users: Annotated[int, typer.Option(help="How many users.", min=1)] = 700,
    accounts: Annotated[int, typer.Option(help="How many accounts.", min=1)] = 40,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """A pretend Impartner on loopback, with demo data."""
    with answering(json=json, debug=debug):
        import gc

        from schemas.errors import WrongUsage
        from sources.sandbox.server import serve

        gc.enable()  # this one stays: see flows/start.py

        def started(site: Sandbox) -> None:
            _tell_site(site, json=json)

        try:
            serve(port, started=started, day=day, faults=fault or (), latency=latency, users=users, accounts=accounts)
        except ValueError as problem:
            raise WrongUsage(str(problem)) from None


def doctor(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    """What works, and what to do about what does not."""
    with answering(json=json, debug=debug):
        from flows.doctor import examine

        checks = examine(home)
        if json:
            telling.print_json({"checks": [check._asdict() for check in checks]})
            return
        for check in checks:
            typer.echo(f"{'ok ' if check.ok else 'NO '} {check.name}: {check.found}")
            if check.remedy:
                typer.echo(f"      {check.remedy}")


def _tell_site(site: Sandbox, *, json: bool) -> None:
    settings = {
        "PARTNER_CERTS_IMPARTNER_URL": site.url,
        "PARTNER_CERTS_IMPARTNER_KEY": site.key,
        "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(site.proof),
    }
    if json:
        telling.print_json({"url": site.url, "settings": settings})
        return
    typer.echo(f"A pretend Impartner is at {site.url}. Stop it with Ctrl-C. To ask it, in another shell:")
    for name, value in settings.items():
        typer.echo(f"  export {name}='{value}'")
