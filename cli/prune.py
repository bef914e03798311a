"""`prune`: removes runs that nothing needs any more. Which ones: `exports/home/prune.py`."""

from datetime import timedelta
from pathlib import Path

import click

from cli import output
from cli.options import command
from cli.settings import open_home
from exports.home.prune import prune as remove_runs
from flows.run_ids import utc_now
from schemas.words import plural

MOST = 36_500  # days


def add_to(app: click.Group) -> None:
    """Add the command to the app."""
    command(app)(prune)


@click.option("--keep-days", type=click.IntRange(0, MOST), default=90, help="How long every run is kept; default: 90.")
@click.option(
    "--keep-sent-days",
    type=click.IntRange(0, MOST),
    default=365,
    help="How long what was ready or sent is kept; default: 365.",
)
@click.option("--dry-run", is_flag=True, help="Only say which runs would be removed.")
def prune(keep_days: int, keep_sent_days: int, dry_run: bool, home: Path | None, json: bool) -> None:
    """Remove runs that nothing needs any more.

    Kept are what ready/ comes from, the newest nightly run, what is approved and not released yet, and what was ready
    or sent lately. The ledger stays whole.
    """
    keep, keep_sent = timedelta(days=keep_days), timedelta(days=keep_sent_days)
    pruned = remove_runs(open_home(home), keep, keep_sent, utc_now(), dry_run=dry_run)
    if json:
        output.print_json(pruned)
        return
    for run in pruned["removed"]:
        output.line(run)
    done = "would be removed" if dry_run else "removed"
    output.line(
        f"{plural(len(pruned['removed']), 'run')} {done}, {pruned['kept']:,} kept; {_size(pruned['bytes'])} freed"
    )


# ---------------------------------------------------------------------------------------------------------------------


def _size(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else plural(count, "byte")
