"""`account`, once its report is there: what changed, whether to approve and release it now, and where the report is.

On a terminal it asks, after the change is shown; input typed before a question is thrown away. What needs a reason is
decided in `flows/review/decide.py`.
"""

import os
import shlex
import sys
import termios
from collections.abc import Callable
from typing import NamedTuple

import click

from cli import signals
from cli.output import line
from cli.review_output import print_changes, print_release
from exports.home.layout import REPORTS, Home
from flows.approvals import approve_and_release
from flows.certify import Outcome
from schemas.review import AccountReview


class Answers(NamedTuple):
    """Who approves, and why, if a reason is needed."""

    by: str
    reason: str


def offer_release(home: Home, outcome: Outcome, options: list[str]) -> None:
    """Show what changed, ask on a terminal whether to release it, and end with the path of the report.

    options: what a person must add to other commands so that they work in this home.
    """
    if outcome.review is None or outcome.run_dir is None:
        return
    accounts = [one for one in outcome.review["accounts"] if one["file"]]
    missing = [one for one in accounts if one["decision"] == "missing"]
    released = set[str]()
    if missing:
        print_changes(outcome.review, accounts)
        if answers := _answers(missing):
            release = approve_and_release(home, outcome.run, *answers)
            print_release(release, json=False)
            released = {report["file"] for report in release["released"]}
    for one in accounts:
        is_ready = one["file"] in released or one["change"] == "unchanged"
        if not is_ready:
            _print_not_ready(one, outcome.run, options)
        elif one["change"] == "unchanged":
            line(f"Unchanged: {one['account']} has this report in ready/ already.")
            for alarm in one["alarms"]:  # whom its mail would go to
                line(f"! {alarm['text']}")
        folder = home.ready if is_ready else outcome.run_dir / REPORTS
        line(folder / str(one["file"]))


# ----------------------------------------------------------------------------------------------------------------------


def _answers(missing: list[AccountReview]) -> Answers | None:
    """What is answered on a terminal; None if nobody approves."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    signals.leave_at_signals()  # polars may have put a handler there after which a Ctrl-C waits for Enter
    reasons = [one["needs_reason"]["approve"] for one in missing if "approve" in one["needs_reason"]]
    try:
        if not _confirmed("Approve this report and put it into ready/? [y/N]:"):
            return None
        by = _text("Who approves?:")
        return Answers(by, _text(f"{reasons[0]}. Why is that right?:") if reasons else "")
    except EOFError:
        line("")
        return None


def _confirmed(question: str) -> bool:
    answer = _answer(question, lambda text: text.lower() in ("y", "yes", "n", "no", ""), "Answer y or n.")
    return answer.lower() in ("y", "yes")


def _text(question: str) -> str:
    return _answer(question, bool, "There is nothing but blanks.")


def _answer(question: str, is_one: Callable[[str], bool], hint: str) -> str:
    """What is typed at the question. What was typed before is thrown away: whoever typed it had not seen the change."""
    sys.stdout.flush()
    prompt = f"{question} ".encode()
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    os.write(sys.stdout.fileno(), prompt)  # in the same moment
    while not is_one(answer := _typed()):
        click.echo(f"{hint}\n{question} ", nl=False)
    return answer


def _typed() -> str:
    typed = sys.stdin.readline()
    if not typed:
        raise EOFError
    return typed.strip()


def _print_not_ready(one: AccountReview, run: str, options: list[str]) -> None:
    """That the report may not be sent, why, and the words that release it."""
    decide = ["approve", run, "--all", "--by", "WHO"]
    if "approve" in one["needs_reason"]:
        decide += ["--reason", "WHY"]
    why, commands = {
        "missing": ("Not approved", [decide, ["release", run]]),
        "approved": ("Approved, but not released", [["release", run]]),
        "rejected": ("These bytes were rejected", []),
        "held": ("Held by a reviewer", []),
    }[one["decision"]]
    line(f"{why}: don't send this report of {one['account']}.")
    for words in commands:
        line(f"  partner-certs {shlex.join([*words, *options])}")
