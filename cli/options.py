"""Options and arguments that several commands share, and the decorator that makes a function a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import getdoc
from pathlib import Path
from typing import Any

import click

from cli import output
from cli.errors import handling_errors
from flows.orchestration.runners import PATTERN, THREADS
from schemas.addresses import split
from schemas.contacts import ATTACH
from schemas.errors import WrongUsage

Function = Callable[..., None]


def path(ctx: click.Context, parameter: click.Parameter, text: str | None) -> Path | None:
    """Turn the value of an option into a path."""
    if text == "":  # from an unset variable; as a Path it would be the working directory
        raise click.BadParameter("it is empty.", ctx, parameter)
    return None if text is None else Path(text)


def _runner(ctx: click.Context, parameter: click.Parameter, name: str) -> str | None:
    if not re.fullmatch(PATTERN, name):
        raise click.BadParameter(f"{name!r} is not one of threads, dask and dask=ADDRESS.", ctx, parameter)
    return None if name == THREADS else name


export = click.argument("export", callback=path, required=False)
needed_export = click.argument("export", callback=path)
run = click.argument("run", default="latest")
run_to_decide = click.argument("run")
accounts = click.option("--account", "accounts", metavar="NAME_OR_ID", multiple=True, help="An account; repeatable.")
by = click.option("--by", metavar="WHO", default="", help="Who decides.")
runner = click.option(
    "--runner",
    default=THREADS,
    callback=_runner,
    help="What writes the reports: threads, dask or dask=ADDRESS (docs/scale.md).",
)
profile = click.option("--profile", help="intl: comma. eu: semicolon.")
to = click.option("--to", metavar="ADDRESS", multiple=True, help="Who gets it; repeatable, or several with `;`.")
cc = click.option("--cc", metavar="ADDRESS", multiple=True, help="Who gets a copy.")
attach = click.option("--attach", type=click.Choice(ATTACH), help="The report, its workbook, or both.")
language = click.option("--language", metavar="LANGUAGE", help="Of the mail: en, de, fr, es, ja or the team's own.")
version = click.version_option(
    package_name="partner-certs", prog_name="partner-certs", message="%(prog)s %(version)s", help="Show the version."
)
encoding = click.option("--encoding", metavar="NAME", help="Of a text file that is not UTF-8, such as cp1250.")

_COMMON = (
    click.Option(["--home"], metavar="DIR", callback=path, help="The home folder."),
    click.Option(["--json"], is_flag=True, help="One JSON object on standard output."),
    click.Option(["--debug"], is_flag=True, help="Show a traceback if something unforeseen happens."),
)


def addresses(words: Sequence[str]) -> tuple[str, ...]:
    """The addresses given with an option that is repeatable and takes several, separated by semicolons."""
    return tuple(address for word in words for address in split(word))


def command(group: click.Group, *, kind: str | None = None, name: str | None = None) -> Callable[[Function], Function]:
    """Make a function a command, with its docstring as help and the error handling of all commands (`cli/errors.py`).

    The function gets `home` and `json` besides its own options. `kind`: of the run that it makes, if any. `name`: if
    it differs from the function's.
    """

    def add(function: Function) -> Function:
        made = click.command(name, cls=_Command)(version(_with_error_handling(function, kind)))
        made.kind = kind
        made.params.extend(_COMMON)
        group.add_command(made)
        return function

    return add


def command_group(parent: click.Group, function: Function) -> click.Group:
    """Make a command with subcommands; the function is called when none of them is given."""
    default = _with_error_handling(function, None)

    def callback(**options: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            default(**options)

    made = click.Group(function.__name__, callback=callback, help=getdoc(function), invoke_without_command=True)
    made.params.extend(_COMMON)
    parent.add_command(version(made))
    return made


# ---------------------------------------------------------------------------------------------------------------------


def _with_error_handling(function: Function, kind: str | None) -> Function:
    @wraps(function)
    def handled(*, json: bool, debug: bool, **options: Any) -> None:
        with handling_errors(json=json, debug=debug, kind=kind):
            function(json=json, **options)

    return handled


class _Command(click.Command):
    """A command that prints usage errors as JSON too if --json is given."""

    kind: str | None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, with a hint about names that need quotes."""
        options = args[: args.index("--")] if "--" in args else [*args]
        try:
            rest = super().parse_args(ctx, args)
            self._refuse_swallowed_options(ctx)
            return rest
        except click.UsageError as wrong:
            message = wrong.format_message()
            if message.startswith("Got unexpected extra argument") and self._takes_a_name():
                message += '. If the name has several words, put it in quotes: "Contoso GmbH".'
                wrong = click.UsageError(message, ctx)
            if "--json" in options:
                output.print_json(output.stopped_json(self.kind, WrongUsage(message)))
            raise wrong from None

    def _takes_a_name(self) -> bool:
        return any(one.name in ("name", "names", "account", "accounts") for one in self.params)

    def _refuse_swallowed_options(self, ctx: click.Context) -> None:
        """Refuse `--by --json`, where click takes `--json` for the value of `--by`."""
        options = [parameter for parameter in self.params if isinstance(parameter, click.Option)]
        names = {name for option in options for name in option.opts}
        for option in options:
            value = ctx.params.get(str(option.name))
            values = value if option.multiple and value else [value]
            if names.intersection(map(str, values)):
                raise click.BadOptionUsage(option.opts[0], f"Option {option.opts[0]} has no value.", ctx)
