"""`partner-certs`: its commands, and what ends them. The module of a command is imported when it is called.

So nobody waits for what another command needs, and each module has its imports at the top.
"""

import errno
import sys
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

import click

from cli.errors import UNFORESEEN, warn, what_happened
from cli.options import version


class Command(NamedTuple):
    """A command as `--help` lists it, and the module in cli/ that adds it."""

    name: str
    module: str
    summary: str


COMMANDS = (  # in the order of their use
    Command("nightly", "jobs", "Every account: one report each, staged for review."),
    Command("account", "jobs", "One account, now."),
    Command("check", "jobs", "Everything nightly does, without keeping anything."),
    Command("columns", "columns", "The columns of a report, as they are in force."),
    Command("runs", "runs", "The runs, newest first."),
    Command("show", "runs", "One run: accounts, counts, faults."),
    Command("review", "review", "What changed since what is ready, and the page."),
    Command("approve", "review", "Let reports of a run through, for the next release."),
    Command("hold", "review", "Not now: the accounts keep what they have in ready/."),
    Command("reject", "review", "Never these bytes, in later runs either."),
    Command("undo", "review", "Take back decisions that are not released yet."),
    Command("release", "review", "Put approved reports into ready/."),
    Command("contacts", "contacts", "Who gets which account's report."),
    Command("draft", "mail", "A mail with a ready report attached, for you to send."),
    Command("sent", "history", "Note a mail that went to a partner, or find in the Sent folder what went to whom."),
    Command("history", "history", "What a partner was given and sent, when, by whom."),
    Command("workbook", "mail", "The ready report of an account as XLSX, cell for cell the same."),
    Command("overview", "overview", "One page over all ready reports: people, courses, trend, tiers."),
    Command("desk", "desk", "The web page for specialists and reviewers."),
    Command("prune", "prune", "Remove runs that nothing needs any more."),
    Command("sandbox", "tools", "A pretend Impartner on loopback, with demo data."),
    Command("doctor", "tools", "What works, and what to do about what does not."),
)


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; imports its module."""
        for command in COMMANDS:
            if command.name == cmd_name and cmd_name not in self.commands:
                import_module(f"cli.{command.module}").add_to(self)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table; imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.summary) for command in COMMANDS])


@click.group("partner-certs", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@version
def app() -> None:
    """One validated certification report per partner account, from an Impartner user export."""


def main() -> None:
    """The command. Ends with its exit status, and without a traceback for what a user can cause."""
    try:
        status = app(standalone_mode=False)
    except click.ClickException as wrong:
        with suppress(OSError):  # nobody reads it; the exit status says the same
            wrong.show()
        status = wrong.exit_code
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        warn(what_happened(problem))
        status = UNFORESEEN
    sys.exit(status)
