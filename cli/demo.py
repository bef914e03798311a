"""`make demo`: two days at a help desk, on a pretend Impartner: pull, reports, review, release, and what changed since.

It runs the real command as a person would and shows each one. Nothing leaves this machine; the home is `.demo/`.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from cli.errors import HELD
from sources.sandbox.server import Sandbox, serving

HOME = Path(".demo/home")
COMMAND = Path(sys.executable).with_name("partner-certs")


def main() -> None:
    """Day one pulled, approved, released; day two pulled and compared."""
    shutil.rmtree(HOME, ignore_errors=True)
    click.echo("A pretend Impartner with some 40 partner accounts and 700 people. One account has a bad value.")
    with serving(day=1) as site:
        _heading("Day one: pull all users, write one report per account")
        _run(site, "nightly")
        _heading("Reviewed: approve all, and put them into ready/")
        _run(site, "approve", "latest", "--all", "--by", "demo", show=3)
        _run(site, "release")
    with serving(day=2) as site:
        _heading("Day two: pull once more")
        _run(site, "nightly")
        _heading("What changed since what partners have? A lost certification comes first")
        _run(site, "review")
        _heading("One account on demand")
        _run(site, "account", "contoso gmbh")
    click.echo(f"\nReports that may be attached to a mail: {HOME.absolute() / 'ready'}")
    click.echo(f"To decide in the browser: {COMMAND} review --serve --home {HOME}")


def _heading(what: str) -> None:
    click.secho(f"\n{what}", bold=True)


def _run(site: Sandbox, *words: str, show: int | None = None) -> None:
    click.echo(f"$ partner-certs {shlex.join(words)}")
    settings = {
        "PARTNER_CERTS_HOME": str(HOME.absolute()),
        "PARTNER_CERTS_IMPARTNER_URL": site.url,
        "PARTNER_CERTS_IMPARTNER_KEY": site.key,
        "PARTNER_CERTS_IMPARTNER_PROOF": "=".join(site.proof),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}
    done = subprocess.run([COMMAND, *words], env=kept | settings, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  our own command
    lines = done.stdout.splitlines()
    for line in lines if show is None else [*lines[:show], "  ...", lines[-1]]:
        click.echo(f"  {line}")
    if done.returncode not in (0, HELD):
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
