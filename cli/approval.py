"""The end of `account`: show what changed, offer to approve and release the report, print its path.

On a terminal it asks after showing the change; input typed before a question is discarded. What needs a reason is
decided in `flows/review/reasons.py`.
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
    """Show what changed, ask on a terminal whether to release it, and print the path of the report last.

    options: what to add to the suggested commands so that they use the same home.
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
            for alarm in one["alarms"]:  # the recipient may have changed
                line(f"! {alarm['text']}")
        folder = home.ready if is_ready else outcome.run_dir / REPORTS
        line(folder / str(one["file"]))


# ----------------------------------------------------------------------------------------------------------------------


def _answers(missing: list[AccountReview]) -> Answers | None:
    """Ask on a terminal who approves, and why; None if nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    signals.exit_on_signals()  # polars may have installed a handler with which Ctrl-C waits for Enter
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
    return _answer(question, bool, "Please type something.")


def _answer(question: str, is_valid: Callable[[str], bool], hint: str) -> str:
    """Ask until the answer is valid. Earlier input is discarded: whoever typed it had not seen the change."""
    sys.stdout.flush()
    prompt = f"{question} ".encode()
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    os.write(sys.stdout.fileno(), prompt)  # unbuffered, right after the flush of the input
    while not is_valid(answer := _read_line()):
        click.echo(f"{hint}\n{question} ", nl=False)
    return answer


def _read_line() -> str:
    typed = sys.stdin.readline()
    if not typed:
        raise EOFError
    return typed.strip()


def _print_not_ready(one: AccountReview, run: str, options: list[str]) -> None:
    """Say that the report must not be sent yet, why, and which commands release it."""
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
