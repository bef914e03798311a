"""`columns`: prints the table of columns (`schemas/columns.py`)."""

from pathlib import Path

import click

from cli import output
from cli.options import command
from schemas.columns import COLUMNS


def add_to(app: click.Group) -> None:
    """Add the command to the app."""
    command(app)(columns)


def columns(home: Path | None, json: bool) -> None:
    """The columns of a report."""
    if json:
        shown = [{"field": c.field, "heading": c.heading, "cell": c.cell} for c in COLUMNS]
        output.print_json({"columns": shown})
        return
    for number, column in enumerate(COLUMNS, start=1):
        output.line(f"{number:>2}  {column.field:28}  {column.heading:32}  {column.cell}")
