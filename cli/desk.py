"""`desk`: serves the web page for specialists and reviewers, on loopback or behind a team's proxy."""

from __future__ import annotations

import gc
import re
import secrets
import webbrowser
from functools import partial
from pathlib import Path

import click

from cli import output
from cli.doctor import examine
from cli.options import command
from cli.settings import load_settings, open_home
from desk.drafting import Mail
from desk.serve import serve_desk, serve_team
from desk.site import Services, site, team_site
from exports.home.layout import Home
from flows.certify import import_steps
from flows.jobs import run_account
from flows.mailbox import access_to_mailbox
from flows.orchestration.deployed import pull_by_deployment
from flows.orchestration.server import Server
from flows.settings import Settings
from schemas.errors import WrongUsage


def add_to(app: click.Group) -> None:
    """Add the command to the app."""
    command(app)(desk)


@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0: a free one.")
@click.option("--open", "in_browser", is_flag=True, help="Open it in the browser.")
@click.option("--socket", "socket_path", metavar="PATH", help="For a team: the Unix socket that its proxy connects to.")
@click.option("--user-header", metavar="NAME", help="For a team: the header in which the proxy names the user.")
@click.option("--origin", metavar="URL", help="For a team: the address that people open, https://...")
def desk(
    port: int,
    in_browser: bool,
    socket_path: str | None,
    user_header: str | None,
    origin: str | None,
    home: Path | None,
    json: bool,
) -> None:
    """The web page for specialists and reviewers."""
    team = [socket_path, user_header, origin]
    if any(team) and not all(team):
        raise WrongUsage("--socket, --user-header and --origin go together: give all three, or none")
    if user_header and not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", user_header, re.ASCII):
        raise WrongUsage(f"{user_header!r} can't be the name of a header. Correct --user-header")
    if origin and not re.fullmatch(r"https?://[^/?#@\s]+/?", origin):
        raise WrongUsage(f"{origin!r} is not the address of a host. Write --origin as https://reports.example.com")
    gc.enable()  # a server runs for long: see cli/main.py
    import_steps()  # so that the first pull does not wait for them
    home_folder, services = open_home(home), services_of(home)

    def ready(url: str) -> None:
        if json:
            output.print_json({"url": url})
        else:
            output.write(f"The desk is open at {url}\nStop it with Ctrl-C.")
        if in_browser:
            webbrowser.open(url)

    if socket_path and user_header and origin:
        serve_team(team_site(home_folder, services, user_header, origin), Path(socket_path), lambda _: ready(origin))
    else:
        serve_desk(site(home_folder, services, secrets.token_urlsafe(32)), ready, port)


def services_of(home: Path | None) -> Services:
    """What the desk calls to pull, to run the doctor and to reach the mailbox, by the settings."""
    settings = load_settings(home)
    return Services(
        pull=lambda account: _pull(settings, account),
        examine=lambda: examine(home),
        mail=Mail(settings.mail_from, partial(access_to_mailbox, settings) if settings.imap_url else None),
    )


# ---------------------------------------------------------------------------------------------------------------------


def _pull(settings: Settings, account: str) -> str:
    """Pull one account and return its run: with Prefect's deployment if the server has it, else in this process."""
    if settings.prefect_api_url:
        server = Server(settings.prefect_api_url, settings.prefect_api_auth_string)
        if run := pull_by_deployment(server, Home(settings.home), account):
            return run
    return run_account(settings, account, None).run
