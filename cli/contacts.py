"""`contacts`: list, pull, set and check who gets which account's report."""

from pathlib import Path
from typing import Any

import click

from cli import options, output
from cli.errors import HELD, warn, warn_all
from cli.options import command, command_group
from cli.settings import load_settings, open_home
from flows.jobs import run_contacts
from flows.mail.book import Contact
from flows.mail.contacts import Choice, Contacts, list_contacts, set_contact
from flows.run_ids import utc_now
from schemas.contacts import Attach
from schemas.errors import NotAllowed
from schemas.profiles import PROFILES, Profile
from schemas.words import plural


def add_to(app: click.Group) -> None:
    """Add the command and its subcommands to the app."""
    group = command_group(app, contacts)
    command(group)(pull)
    command(group, name="set")(set_one)
    command(group)(check)


def contacts(home: Path | None, json: bool) -> None:
    """Who gets which account's report.

    A row of contacts.csv, set by hand, wins over what Impartner has.
    """
    _print(list_contacts(open_home(home)), json=json)


def pull(home: Path | None, json: bool) -> None:
    """Ask Impartner for each account's primary user and owner.

    They are written to contacts.pulled.csv; rows set by hand stay as they are.
    """
    warn_all(run_contacts(load_settings(home)))
    _print(list_contacts(open_home(home)), json=json)


@click.argument("name")
@options.to
@options.cc
@options.language
@click.option("--profile", type=click.Choice(PROFILES), help="intl: comma. eu: semicolon.")
@options.attach
@options.by
@click.option("--reason", metavar="TEXT", default="", help="Why; needed to accept a doubtful recipient.")
def set_one(
    name: str,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    language: str | None,
    profile: Profile | None,
    attach: Attach | None,
    by: str,
    reason: str,
    home: Path | None,
    json: bool,
) -> None:
    """Set who gets an account's report.

    NAME is the account's name or id.
    """
    chosen = Choice(options.addresses(to), options.addresses(cc), language or "", profile or "", attach or "")
    contact, doubts = set_contact(open_home(home), name, chosen, by=by.strip(), reason=reason.strip(), now=utc_now())
    if doubts:
        if json:
            output.print_json(
                {"contacts": [], "refused": [{"to": doubt.address, "why": doubt.why} for doubt in doubts]}
            )
        for doubt in doubts:
            warn(doubt.why)  # it may name the address: the person has just typed it
        raise click.exceptions.Exit(NotAllowed.exit_status)
    _print({"contacts": [contact], "faults": {}}, json=json)


def check(home: Path | None, json: bool) -> None:
    """List the faults in contacts.csv and contacts.pulled.csv: row, column, what to do."""
    contacts = list_contacts(open_home(home))
    if json:
        output.print_json(_json(contacts))
    else:
        for name, faults in contacts["faults"].items():
            if faults:
                output.line(f"{name}:")
                output.print_faults([fault._asdict() for fault in faults])
        output.line(f"{plural(len(contacts['contacts']), 'account')}, {plural(_count(contacts), 'fault')}")
    if _count(contacts):
        raise click.exceptions.Exit(HELD)


# ---------------------------------------------------------------------------------------------------------------------


def _print(contacts: Contacts, *, json: bool) -> None:
    if json:
        output.print_json(_json(contacts))
        return
    if not contacts["contacts"]:
        output.line("There are no contacts and no ready reports yet. Set one with: partner-certs contacts set NAME")
    for contact in contacts["contacts"]:
        output.line(_line(contact))
    if _count(contacts):
        warn(f"{plural(_count(contacts), 'fault')} in the contacts. See them with: partner-certs contacts check")


def _json(contacts: Contacts) -> dict[str, Any]:
    faults = [
        {"file": name, **{key: fault._asdict()[key] for key in output.FAULT_KEYS}}
        for name, of_file in contacts["faults"].items()
        for fault in of_file
    ]
    return {"contacts": contacts["contacts"], "faults": faults}


def _count(contacts: Contacts) -> int:
    return sum(map(len, contacts["faults"].values()))


def _line(contact: Contact) -> str:
    to = ", ".join(contact["to"]) or "nobody"
    cc = f", copy to {', '.join(contact['cc'])}" if contact["cc"] else ""
    how = ", ".join(filter(None, (contact["language"], contact["profile"], contact["attach"])))
    return f"{contact['account'] or contact['account_id']}: {to}{cc} [{how}; {contact['source']}]"
