"""The reviewer's commands: review, approve, hold, reject, undo, release. What they print is in `review_output.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from cli import options, output, review_output
from cli.errors import warn, warn_all
from cli.options import command
from cli.settings import open_home
from flows.review.alike import suspicions
from flows.review.build import review as build_review
from flows.review.decide import Action, decide
from flows.review.decide import undo as undone
from flows.review.release import refuse_if_all_passed_over
from flows.review.release import release as released
from flows.run_ids import utc_now
from schemas.errors import NotAllowed, WrongUsage

reason = click.option("--reason", metavar="TEXT", default="", help="Why.")
older = click.option("--older", is_flag=True, help="Even if a newer nightly run has finished. Needs --by and --reason.")

RELEASED = (
    "There is nothing to undo. What is released stays ready: decide differently in a newer run, "
    "or release an earlier run with --older, --by WHO and --reason TEXT."
)


def add_to(app: click.Group) -> None:
    """Add the commands to the app."""
    for function in (review, approve, hold, reject, undo, release):
        command(app)(function)


@options.run
@click.option("--account", metavar="NAME_OR_ID", help="One account in full.")
@click.option("--full", is_flag=True, help="All changes, however many.")
@click.option("--serve", is_flag=True, help="Open the page on loopback, to decide there.")
def review(run: str, account: str | None, full: bool, serve: bool, home: Path | None, json: bool) -> None:
    """What changed since what is ready, and the page.

    RUN is a run's id, or latest.
    """
    home_folder = open_home(home)
    if serve:
        if account is not None:
            raise WrongUsage("Give either --serve or --account: the page has all accounts")
        from cli.review_page import serve_review  # late: a web server, for --serve only

        serve_review(home, run, json=json)
        return
    built = build_review(home_folder, run)
    accounts = built["accounts"] if account is None else [review_output.account_named(built, account)]
    if json:
        output.print_json(review_output.review_json(built, accounts))
    elif account is not None:
        review_output.print_changes(built, accounts)
    else:
        review_output.print_review(built, everything=full)


def decision_command(what: Action, about: str) -> Callable[..., None]:
    """The command for one kind of decision; all three have the same options."""

    @options.run_to_decide
    @options.accounts
    @click.option("--all", "every", is_flag=True, help="All accounts that need a decision.")
    @options.by
    @reason
    @older
    def decided(
        run: str,
        accounts: tuple[str, ...],
        every: bool,
        by: str,
        reason: str,
        older: bool,
        home: Path | None,
        json: bool,
    ) -> None:
        home_folder, now = open_home(home), utc_now()
        decisions = decide(
            home_folder, what, run, accounts=accounts, every=every, by=by, reason=reason, older=older, now=now
        )
        review_output.print_decisions(decisions, json=json)
        if what == "approve":
            warn_all(suspicions(home_folder, decisions["run"], decisions["decided"]))

    decided.__name__, decided.__doc__ = what, f"{about}\n\nRUN is a run's id, or latest."
    return decided


approve = decision_command("approve", "Let reports of a run through, for the next release.")
hold = decision_command("hold", "Not now: the accounts keep what they have in ready/.")
reject = decision_command("reject", "Never these bytes, in later runs either.")


@options.run_to_decide
@options.accounts
@options.by
@reason
@older
def undo(run: str, accounts: tuple[str, ...], by: str, reason: str, older: bool, home: Path | None, json: bool) -> None:
    """Take back decisions that are not released yet.

    RUN is a run's id, or latest.
    """
    home_folder, now = open_home(home), utc_now()
    decisions = undone(home_folder, run, accounts=accounts, by=by, reason=reason, older=older, now=now)
    review_output.print_decisions(decisions, nothing=RELEASED, json=json)


@options.run
@click.option("--by", metavar="WHO", default="", help="Who releases, for the ledger.")
@reason
@older
def release(run: str, by: str, reason: str, older: bool, home: Path | None, json: bool) -> None:
    """Put approved reports into ready/.

    RUN is a run's id, or latest.
    """
    done = released(open_home(home), run, by=by, reason=reason, older=older, now=utc_now())
    review_output.print_release(done, json=json)
    try:
        refuse_if_all_passed_over(done)
    except NotAllowed as refusal:  # the one JSON object is printed already
        warn(str(refusal))
        raise click.exceptions.Exit(refusal.exit_status) from None
