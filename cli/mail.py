"""`draft` and `workbook`: a ready report in a mail for a person to send, or as a workbook. Prints: `mail_output.py`."""

import sys
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import click

from cli import mail_output, options, output
from cli.errors import HELD, warn, warn_all
from cli.options import command
from cli.settings import load_settings, open_home
from exports.home.layout import Home
from exports.mail.outlets import Folder, Pasted, staging_of
from exports.mail.reply import read_mail
from flows.mail.draft import Drafts, make_drafts, make_drafts_in_mailbox
from flows.mail.request import Refused, Request
from flows.mail.workbook import keep_workbook
from flows.mailbox import access_to_mailbox
from flows.run_ids import utc_now
from flows.settings import Settings
from schemas.contacts import Attach
from schemas.errors import NotAllowed, WrongUsage
from schemas.words import plural


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    for function in (draft, workbook):
        command(app)(function)


@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--changed", is_flag=True, help="All ready reports that were not drafted or sent yet.")
@click.option("--all", "every", is_flag=True, help="All ready reports.")
@options.to
@options.cc
@click.option("--no-to", is_flag=True, help="Leave the To empty.")
@click.option("--reply-to", "mail", metavar="MAIL.eml", callback=options.path, help="Reply to this mail of a partner.")
@options.attach
@options.language
@click.option("--out", metavar="DIR", callback=options.path, help="Where drafts go; default: drafts/ in the home.")
@click.option("--imap", is_flag=True, help="Put drafts into the mailbox's drafts folder.")
@click.option("--text", is_flag=True, help="Print subject and text to paste, and write the attachments as files.")
@click.option("--confirm", metavar="ADDRESS", multiple=True, help="A new recipient who may have it; repeatable.")
@options.by
@click.option("--again", is_flag=True, help="Also what was drafted or sent before.")
@click.option("--open", "opened", is_flag=True, help="Open the drafts in the mail program.")
def draft(
    names: tuple[str, ...],
    changed: bool,
    every: bool,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    no_to: bool,
    mail: Path | None,
    attach: Attach | None,
    language: str | None,
    out: Path | None,
    imap: bool,
    text: bool,
    confirm: tuple[str, ...],
    by: str,
    again: bool,
    opened: bool,
    home: Path | None,
    json: bool,
) -> None:
    """A mail with a ready report attached, for you to send.

    NAME is the account's name or id; with --reply-to, the account is found by the sender.
    """
    home_folder, settings = open_home(home), load_settings(home)
    request = Request(
        names=names,
        every=every,
        changed=changed,
        to=options.addresses(to),
        cc=options.addresses(cc),
        attach=attach,
        language=language.lower() if language else None,
        reply=read_mail(mail) if mail else None,
        confirm=options.addresses(confirm),
        by=by.strip(),
        again=again,
        no_to=no_to,
        sender=settings.mail_from,
    )
    _refuse_contradictions(request, imap=imap, as_files=bool(out or text or opened))
    make = _into_mailbox(home_folder, settings) if imap else _into_files(home_folder, out, pasted=text)
    drafts = make(request=request, now=utc_now())
    if not json:
        drafts = _with_confirmed(drafts, request, make)
    _print(drafts, pasted=text, json=json)
    for made in drafts.made if opened else ():
        click.launch(str(made.files[0]))
    _end(drafts)


@click.argument("name")
@click.option("--out", metavar="FILE", callback=options.path, help="Where it goes; default: drafts/ in the home.")
def workbook(name: str, out: Path | None, home: Path | None, json: bool) -> None:
    """The ready report of an account as XLSX, cell for cell the same.

    NAME is the account's name or id.
    """
    written = keep_workbook(open_home(home), name, out)
    if json:
        output.print_json(written)
    else:
        output.line(written["file"])


# ---------------------------------------------------------------------------------------------------------------------


class _Make(Protocol):
    """Makes the requested drafts, as files or in the mailbox."""

    def __call__(self, *, request: Request, now: datetime) -> Drafts:
        """Make the drafts."""
        ...


def _refuse_contradictions(request: Request, *, imap: bool, as_files: bool) -> None:
    ways = [bool(request.names), request.every, request.changed]
    if sum(ways) > 1:
        raise WrongUsage("Give either names, or --changed, or --all")
    if not any(ways) and not request.reply:
        raise WrongUsage("Say whose report: NAME, or --changed, or --all, or --reply-to MAIL.eml")
    if request.reply and (len(request.names) > 1 or request.every or request.changed):
        raise WrongUsage("--reply-to replies to one mail, with the report of one account")
    if request.no_to and (request.to or request.reply):
        raise WrongUsage("Give either --no-to, or recipients")
    if imap and as_files:
        raise WrongUsage("--imap puts drafts into the mailbox: it can't be combined with --out, --text or --open")


def _into_mailbox(home: Home, settings: Settings) -> _Make:
    return partial(make_drafts_in_mailbox, home, access=access_to_mailbox(settings))


def _into_files(home: Home, out: Path | None, *, pasted: bool) -> _Make:
    kind = Pasted if pasted else Folder
    outlet = kind(out, staging_of(home.root)) if out else kind(home.drafts)
    return partial(make_drafts, home, outlet=outlet)


def _with_confirmed(drafts: Drafts, request: Request, make: _Make) -> Drafts:
    """On a terminal, ask about new recipients, and make the drafts for those who are confirmed."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return drafts
    for refused in [one for one in drafts.refused if one.new]:
        if by := _confirmed_by(refused, request.by):
            name = refused.row["account_id"] or refused.row["account"]
            one = replace(request, names=[name], every=False, changed=False, confirm=refused.new, by=by)
            drafts.refused.remove(refused)
            drafts.add(make(request=one, now=utc_now()))
    return drafts


def _confirmed_by(refused: Refused, by: str) -> str:
    """Ask whether the new recipients may have the report: who confirms it, or "" if nobody does."""
    output.line(refused.why)
    if not click.confirm(f"May {', '.join(refused.new)} have the report of {refused.row['account']}?", default=False):
        return ""
    return by or str(click.prompt("Who confirms it?")).strip()


def _print(drafts: Drafts, *, pasted: bool, json: bool) -> None:
    warn_all([*drafts.notices, *drafts.alike])
    mail_output.print_drafts(drafts, pasted=pasted, json=json)


def _end(drafts: Drafts) -> None:
    """Exit with a failure status if any draft was refused."""
    if not drafts.refused:
        return
    shown = [] if sys.stdout.isatty() else drafts.refused[: output.SHOWN]  # on a terminal, they are just above
    for refused in shown:
        warn(f"No draft for {refused.row['account']}: {refused.plain}")
    if len(drafts.refused) > len(shown):
        warn(f"{plural(len(drafts.refused), 'account')} without a draft: see standard output")
    raise click.exceptions.Exit(HELD if drafts.made or drafts.already else NotAllowed.exit_status)
