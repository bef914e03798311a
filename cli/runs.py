"""`runs` and `show`: list the runs, and show one."""

from pathlib import Path

import click

from cli import options, output, run_output
from cli.options import command
from cli.settings import open_home


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    for function in (runs, show):
        command(app)(function)


def runs(home: Path | None, json: bool) -> None:
    """The runs, newest first."""
    manifests = open_home(home).manifests()
    if json:
        output.print_json({"runs": list(map(run_output.run_json, manifests))})
    else:
        run_output.print_runs(manifests)


@options.run
def show(run: str, home: Path | None, json: bool) -> None:
    """One run: accounts, counts, faults.

    RUN is its id, or latest.
    """
    home_folder = open_home(home)
    manifest = home_folder.manifest(run)
    if json:
        output.print_json(manifest)
    else:
        run_output.print_run(manifest, home_folder.runs / manifest["run"])
