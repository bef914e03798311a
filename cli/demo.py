"""`make demo`: two days at a help desk on a pretend Impartner, from the pull to the reply to a partner's mail.

It runs and shows the real commands. Nothing leaves this machine; the home is in `.demo/`.
"""

import os
import shlex
import shutil
import subprocess
import sys
from email import policy
from email.parser import BytesParser
from pathlib import Path

import click

from cli.errors import HELD
from sources.sandbox.mail import partner_mail
from sources.sandbox.server import Sandbox, serving

HOME = Path(".demo/home")
MAIL = Path(".demo/mail.eml")
COMMAND = Path(sys.executable).with_name("partner-certs")


def main() -> None:
    """Pull, approve and release on day one; pull and compare on day two; reply to a partner's mail."""
    shutil.rmtree(HOME, ignore_errors=True)
    click.echo("A pretend Impartner with about 40 partner accounts and 700 people. One account has a bad value.")
    with serving(day=1) as site:
        _day_one(site)
    with serving(day=2) as site:
        _day_two(site)
        _reply_to_partner(site)
    click.echo(f"\nReports that may be attached to a mail: {HOME.absolute() / 'ready'}")
    click.echo(f"The same in the browser: {COMMAND} desk --open --home {HOME}")


# ----------------------------------------------------------------------------------------------------------------------


def _day_one(site: Sandbox) -> None:
    _heading("Day one: pull all users, write one report per account")
    _run(site, "nightly")
    _heading("Review: approve all reports and release them into ready/")
    _run(site, "approve", "latest", "--all", "--by", "demo", show=3)
    _run(site, "release")


def _day_two(site: Sandbox) -> None:
    _heading("Day two: pull again")
    _run(site, "nightly")
    _heading("What changed since the partners' last reports? A lost certification comes first")
    _run(site, "review")
    _heading("One account on demand")
    _run(site, "account", "contoso gmbh")


def _reply_to_partner(site: Sandbox) -> None:
    MAIL.write_bytes(partner_mail(site.data))
    _heading("A partner writes: find the account of the sender, and draft a reply with the approved report")
    _show(MAIL, "From", "Subject")
    _run(site, "draft", "--reply-to", str(MAIL))
    _show(next((HOME / "drafts").glob("*.eml")), "To", "Cc", "Subject", "In-Reply-To", "X-Unsent")
    _heading("What the partner was given")
    _run(site, "history", "contoso gmbh")
    _heading("All partners on one page")
    _run(site, "overview")


def _heading(what: str) -> None:
    click.secho(f"\n{what}", bold=True)


def _show(path: Path, *headers: str) -> None:
    """Print some of a mail's headers, and its attachments."""
    mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    for header in headers:
        if header in mail:
            click.echo(f"    {header}: {mail[header]}")
    for part in mail.iter_attachments():
        click.echo(f"    attached: {part.get_filename()}, {len(part.get_payload(decode=True)):,} bytes")


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
