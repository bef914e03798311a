"""The `partner-certs` command group. A command's module is imported only when that command is called.

So no command waits for another one's imports, and each module can have its own at the top.
"""

import errno
import sys
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

import click

from cli.errors import UNFORESEEN, error_message, warn
from cli.options import version


class Command(NamedTuple):
    """A command as `--help` lists it, and the module in cli/ that adds it."""

    name: str
    module: str
    summary: str


COMMANDS = (  # in the order in which they are used
    Command("nightly", "jobs", "Every account: one report each, staged for review."),
    Command("account", "jobs", "One account, now."),
    Command("check", "jobs", "Everything nightly does, without keeping anything."),
    Command("columns", "columns", "The columns of a report."),
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
    Command("history", "history", "What a partner was given and sent, when, and by whom."),
    Command("workbook", "mail", "The ready report of an account as XLSX, cell for cell the same."),
    Command("overview", "overview", "One page over all ready reports: people, courses, trend, tiers."),
    Command("desk", "desk", "The web page for specialists and reviewers."),
    Command("prune", "prune", "Remove runs that nothing needs any more."),
    Command("sandbox", "tools", "A pretend Impartner on loopback, with demo data."),
    Command("doctor", "tools", "What works, and what to do about what does not."),
)


class Commands(click.Group):
    """The commands in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of COMMANDS."""
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        for command in COMMANDS:
            if command.name == cmd_name and cmd_name not in self.commands:
                import_module(f"cli.{command.module}").add_to(self)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List COMMANDS without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.summary) for command in COMMANDS])


@click.group("partner-certs", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@version
def app() -> None:
    """One validated certification report per partner account, from an Impartner user export."""


def main() -> None:
    """Run the command and exit with its status. Errors that a user can cause show no traceback."""
    try:
        status = app(standalone_mode=False)
    except click.ClickException as wrong:
        with suppress(OSError):  # standard error is closed; the exit status says the same
            wrong.show()
        status = wrong.exit_code
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        warn(error_message(problem))
        status = UNFORESEEN
    sys.exit(status)
