"""`history` and `sent`: what a partner was given and sent; a mail noted by hand."""

from datetime import date
from pathlib import Path

import click

from cli import options, output
from cli.options import command
from cli.settings import home_in_force
from flows.history import history as history_of
from flows.history import note_sent, ready_on
from flows.run_ids import utc_now
from schemas.errors import WrongUsage
from schemas.words import plural


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    for function in (sent, history):
        command(app)(function)


@click.argument("name")
@options.to
@options.by
@click.option("--at", metavar="DAY", help="When it went, as 2026-11-26; default: now.")
def sent(name: str, to: tuple[str, ...], by: str, at: str | None, home: Path | None, json: bool) -> None:
    """Note a mail that went to a partner.

    NAME is the account's name or id; what went is what was ready on that day.
    """
    day = _day(at) if at else None
    recipients = options.addresses(to)
    line = note_sent(home_in_force(home), name, to=recipients, by=by.strip(), day=day, now=utc_now())
    if json:
        output.print_json({"scanned": 0, "sent": [line], "alarms": []})
    else:
        output.line(f"{line['account']}: sent to {', '.join(recipients)} on {line['at'][:10]}")


@click.argument("name")
@click.option("--on", metavar="DAY", help="What was ready at the end of that day (UTC), as 2026-11-26.")
def history(name: str, on: str | None, home: Path | None, json: bool) -> None:
    """What a partner was given and sent, when, by whom.

    NAME is the account's name or id.
    """
    place = home_in_force(home)
    if on:
        report = ready_on(place, name, _day(on))
        if json:
            output.print_json(report)
        else:
            output.line(f"Ready since {report['released']}: {report['file'] or report['sha256']}")
        return
    given = history_of(place, name)
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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text!r} is no day. Write it as 2026-11-26") from None
