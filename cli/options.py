"""Options and arguments that several commands share, and how a function becomes a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import getdoc
from pathlib import Path
from typing import Any

import click

from cli import output
from cli.errors import answering
from flows.orchestration.runners import PATTERN, THREADS
from schemas.addresses import split
from schemas.contacts import ATTACH
from schemas.errors import WrongUsage

Function = Callable[..., None]


def path(ctx: click.Context, parameter: click.Parameter, text: str | None) -> Path | None:
    """A path that is given."""
    if text == "":  # from a variable that is not set; as a Path it would be the working folder
        raise click.BadParameter("it is empty.", ctx, parameter)
    return None if text is None else Path(text)


def _runner(ctx: click.Context, parameter: click.Parameter, name: str) -> str | None:
    if not re.fullmatch(PATTERN, name):
        raise click.BadParameter(f"{name!r} is none of threads, dask and dask=ADDRESS.", ctx, parameter)
    return None if name == THREADS else name


export = click.argument("export", callback=path, required=False)
needed_export = click.argument("export", callback=path)
run = click.argument("run", default="latest")
run_to_decide = click.argument("run")
accounts = click.option("--account", "accounts", metavar="NAME_OR_ID", multiple=True, help="An account; repeatable.")
by = click.option("--by", metavar="WHO", default="", help="Who decides.")
runner = click.option(
    "--runner", default=THREADS, callback=_runner, help="threads, dask or dask=ADDRESS: who writes (docs/scale.md)."
)
profile = click.option("--profile", help="intl: comma. eu: semicolon.")
to = click.option("--to", metavar="ADDRESS", multiple=True, help="Who gets it; repeatable, or several with `;`.")
cc = click.option("--cc", metavar="ADDRESS", multiple=True, help="Who gets a copy.")
attach = click.option("--attach", type=click.Choice(ATTACH), help="The report, its workbook, or both.")
language = click.option("--language", metavar="LANGUAGE", help="Of the text: en, de, fr, es, ja or the team's own.")
version = click.version_option(
    package_name="partner-certs", prog_name="partner-certs", message="%(prog)s %(version)s", help="Show the version."
)
encoding = click.option("--encoding", metavar="NAME", help="Of a text that is not UTF-8, such as cp1250.")

_COMMON = (
    click.Option(["--home"], metavar="DIR", callback=path, help="The home folder."),
    click.Option(["--json"], is_flag=True, help="One JSON object on standard output."),
    click.Option(["--debug"], is_flag=True, help="Show a traceback if something unforeseen happens."),
)


def addresses(words: Sequence[str]) -> tuple[str, ...]:
    """The addresses of an option that may be repeated, and may have several with a semicolon between them."""
    return tuple(address for word in words for address in split(word))


def command(group: click.Group, *, kind: str | None = None, name: str | None = None) -> Callable[[Function], Function]:
    """Make a command of a function, with its docstring as help; it ends as all commands do (`cli/errors.py`).

    The function gets `home` and `json` besides its own options. `kind`: of the run that it makes, if any. `name`: if
    not the function's.
    """

    def add(function: Function) -> Function:
        made = click.command(name, cls=_Command)(version(_answered(function, kind)))
        made.kind = kind
        made.params.extend(_COMMON)
        group.add_command(made)
        return function

    return add


def command_with_more(parent: click.Group, function: Function) -> click.Group:
    """Make a command with subcommands; the function is called when none of them is named."""
    answered = _answered(function, None)

    def called(**options: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            answered(**options)

    made = click.Group(function.__name__, callback=called, help=getdoc(function), invoke_without_command=True)
    made.params.extend(_COMMON)
    parent.add_command(version(made))
    return made


# ---------------------------------------------------------------------------------------------------------------------


def _answered(function: Function, kind: str | None) -> Function:
    @wraps(function)
    def answered(*, json: bool, debug: bool, **options: Any) -> None:
        with answering(json=json, debug=debug, kind=kind):
            function(json=json, **options)

    return answered


class _Command(click.Command):
    """A command whose usage errors are JSON too, with --json."""

    kind: str | None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; a usage error goes to standard error."""
        options = args[: args.index("--")] if "--" in args else [*args]
        try:
            rest = super().parse_args(ctx, args)
            self._refuse_swallowed_options(ctx)
            return rest
        except click.UsageError as wrong:
            message = wrong.format_message()
            if message.startswith("Got unexpected extra argument") and self._takes_a_name():
                message += ' If the name has several words, put it in quotes: "Contoso GmbH".'
                wrong = click.UsageError(message, ctx)
            if "--json" in options:
                output.print_json(output.stopped_json(self.kind, WrongUsage(message)))
            raise wrong from None

    def _takes_a_name(self) -> bool:
        return any(isinstance(one, click.Argument) and one.name == "name" for one in self.params)

    def _refuse_swallowed_options(self, ctx: click.Context) -> None:
        """In `--by --json`, click takes `--json` for the value of `--by`."""
        options = [parameter for parameter in self.params if isinstance(parameter, click.Option)]
        names = {name for option in options for name in option.opts}
        for option in options:
            value = ctx.params.get(str(option.name))
            values = value if option.multiple and value else [value]
            if names.intersection(map(str, values)):
                raise click.BadOptionUsage(option.opts[0], f"Option {option.opts[0]} has no value.", ctx)
