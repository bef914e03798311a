"""`history` and `sent`: what a partner was given and sent; notes mails by hand, or finds them in the Sent folder."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from cli import mail_output, options, output
from cli.errors import HELD, warn, warn_all
from cli.options import command
from cli.settings import load_settings, open_home
from exports.home.layout import Home
from exports.mail.access import Access
from flows.history import history as history_of
from flows.history import note_sent, ready_on
from flows.mail.scan import Scan, acknowledge, scan
from flows.mailbox import access_to_mailbox
from flows.run_ids import utc_now
from schemas.errors import WrongUsage
from schemas.words import plural


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    for function in (sent, history):
        command(app)(function)


@click.argument("name", required=False)
@options.to
@options.by
@click.option("--at", metavar="DAY", help="When it went, as 2026-11-26; default: now.")
@click.option("--scan", "scanned", is_flag=True, help="Read the Sent folder of the mailbox.")
@click.option("--since", metavar="DAY", help="Only mails of that day (UTC) or later.")
@click.option(
    "--ack", metavar="MESSAGE_ID", help="Acknowledge the alarms about this mail, so that no scan repeats them."
)
@click.option("--reason", metavar="WHY", default="", help="Why the alarms may be ignored.")
def sent(
    name: str | None,
    to: tuple[str, ...],
    by: str,
    at: str | None,
    scanned: bool,
    since: str | None,
    ack: str | None,
    reason: str,
    home: Path | None,
    json: bool,
) -> None:
    """Note a mail that went to a partner, or find in the Sent folder what went to whom.

    NAME is the account's name or id; what went is what was ready on that day.
    """
    if sum((name is not None, scanned, ack is not None)) != 1:
        raise WrongUsage("Give either NAME with --to and --by, or --scan, or --ack MESSAGE_ID with --by and --reason")
    _refuse_unused(since=since, at=at, to=to, scanned=scanned, named=name is not None)
    home_folder, now = open_home(home), utc_now()
    if scanned:
        _scan(home_folder, access_to_mailbox(load_settings(home)), _day(since) if since else None, json=json)
    elif ack is not None:
        acknowledged = acknowledge(home_folder, ack.strip(), by=by.strip(), reason=reason.strip(), now=now)
        mail_output.print_acknowledged(acknowledged, json=json)
    else:
        line = note_sent(
            home_folder, name or "", to=options.addresses(to), by=by.strip(), day=_day(at) if at else None, now=now
        )
        mail_output.print_sent(Scan(sent=[line]), json=json)


@click.argument("name")
@click.option("--on", metavar="DAY", help="What was ready at the end of that day (UTC), as 2026-11-26.")
def history(name: str, on: str | None, home: Path | None, json: bool) -> None:
    """What a partner was given and sent, when, and by whom.

    NAME is the account's name or id.
    """
    home_folder = open_home(home)
    if on:
        report = ready_on(home_folder, name, _day(on))
        if json:
            output.print_json(report)
        else:
            output.line(f"Ready since {report['released']}: {report['file'] or report['sha256']}")
        return
    given = history_of(home_folder, name)
    if json:
        output.print_json(given)
        return
    output.line(given["account"])
    for event in given["events"]:
        people = "" if event["rows"] is None else f", {plural(event['rows'], 'person', 'people')}"
        to = f" to {', '.join(event['to'])}" if event["to"] else ""
        by = f" by {event['by']}" if event["by"] else ""
        output.line(f"  {event['at']}  {event['what']}{to}{by}{people}")


# ---------------------------------------------------------------------------------------------------------------------


def _refuse_unused(*, since: str | None, at: str | None, to: Sequence[str], scanned: bool, named: bool) -> None:
    if since is not None and not scanned:
        raise WrongUsage("--since goes with --scan")
    if (at is not None or to) and not named:
        raise WrongUsage("--to and --at go with the name of an account")


def _scan(home: Home, access: Access, since: date | None, *, json: bool) -> None:
    result = scan(home, access, since)
    warn_all(result.notices)
    mail_output.print_sent(result, json=json)
    if not json:
        output.line(f"{plural(result.scanned, 'mail')} read, {plural(len(result.sent), 'report')} noted")
    if result.alarms:
        warn(f"{plural(len(result.alarms), 'alarm')} about sent mails: see standard output")
        raise click.exceptions.Exit(HELD)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text!r} is not a date. Write it as 2026-11-26") from None
