"""`overview`: one page over all ready reports."""

from pathlib import Path

import click

from cli import options, output
from cli.options import command
from cli.settings import open_home
from exports.home.files import write_file, write_for_person
from exports.page.overview import render
from flows.overview import overview as all_ready
from schemas.words import plural

PAGE = "overview.html"


def add_to(app: click.Group) -> None:
    """Add the command to the app."""
    command(app)(overview)


@click.option("--out", metavar="FILE", callback=options.path, help="Where the page goes; default: in the home.")
def overview(out: Path | None, home: Path | None, json: bool) -> None:
    """One page over all ready reports: people, courses, trend, tiers.

    With --json, the page is written only if --out is given.
    """
    home_folder = open_home(home)
    facts = all_ready(home_folder)
    page = out or home_folder.root / PAGE
    if out:
        write_for_person(page, render(facts))
    elif not json:
        with home_folder.writing():
            write_file(page, render(facts))
    if json:
        output.print_json({"courses": facts["courses"], "accounts": facts["accounts"], "runs": facts["runs"]})
        return
    people = plural(facts["certified"], "certified person", "certified people")
    output.line(f"{people} of {facts['people']:,} in {plural(len(facts['accounts']), 'account')}")
    output.line(page.absolute())
