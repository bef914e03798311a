"""Output of the reviewer's commands: a review that fits on a screen, decisions, releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.output import line, print_json
from flows.find_account import of_run
from flows.review.decide import Decisions
from flows.review.listed import listed
from flows.review.release import Release
from schemas.review import AccountReview, FaultGroup, ListedChanges, Review, headline
from schemas.words import plural, signature

SCREEN = 12  # groups, and accounts, that fit on a screen
FAULTS = 20  # of one account
BLANK = "(blank)"
PUBLIC = ("account", "account_id", "change", "renamed_from", "decision", "by", "at", "reason", "sha256", "before")
ALARM = ("kind", "text")


def review_json(review: Review, accounts: Sequence[AccountReview]) -> dict[str, Any]:
    """A review with some of its accounts, as `review --json` has it: without what only the page needs."""
    changes = listed(review["changes"])
    shown = [
        {key: value for key, value in one.items() if key in PUBLIC} | dict(changes[one["index"]]) for one in accounts
    ]
    return {
        "run": review["run"],
        "page": review["page"],
        "newer": review["newer"],
        "totals": review["totals"],
        "alarms": [{key: value for key, value in alarm.items() if key in ALARM} for alarm in review["alarms"]],
        "accounts": shown,
    }


def print_review(review: Review, *, everything: bool) -> None:
    """Print the summary, alarms, groups and accounts, worst first; no more than a screen unless `everything`."""
    line(f"Run {review['run']}")
    line(f"{headline(review['totals'])}; {plural(review['totals']['to_decide'], 'decision')} missing")
    if review["newer"]:
        line(f"! The nightly run {review['newer']} has finished since: this run is the record of its day")
    _print_some([f"! {alarm['text']}" for alarm in review["alarms"]], everything, "alarm")
    _print_some([f"  {group['text']}" for group in review["groups"]], everything, "group")
    differing = [one for one in review["accounts"] if one["change"] != "unchanged"]
    if everything:
        print_changes(review, differing)
    else:
        _print_some([_line(one) for one in differing], everything, "account")
    _print_common_faults(review["fault_groups"], everything=everything)
    if review["totals"]["held"] and not everything:
        line("What holds an account back, row by row: add --account NAME_OR_ID, or --full")
    line(f"Page: {review['page']}")


def account_named(review: Review, wanted: str) -> AccountReview:
    """The account with that name or id; raises WrongUsage if the run has none, or several."""
    pairs = [(one["account"], one["account_id"]) for one in review["accounts"]]
    return review["accounts"][of_run(review["run"], pairs, wanted)]


def print_changes(review: Review, accounts: Sequence[AccountReview]) -> None:
    """Print everything that changed for some accounts of a review."""
    changes = listed(review["changes"])
    for account in accounts:
        line(_line(account))
        for alarm in account["alarms"]:
            if alarm["kind"] != "renamed":  # the line above says so
                line(f"    ! {alarm['text']}")
        _print_listed(changes[account["index"]])
        if account["change"] == "held":
            _print_faults(account, review["faults"].filter(account=account["index"]).head(FAULTS).to_dicts())


def print_decisions(decisions: Decisions, *, nothing: str = "There is nothing to decide.", json: bool) -> None:
    """Print what was decided, and how many accounts still wait. `nothing`: what to print if nothing was decided."""
    if json:
        print_json(decisions)
        return
    for one in decisions["decided"]:
        line(f"  {one['what']}: {one['account']}")
    if not decisions["decided"]:
        line(nothing)
    line(f"{plural(decisions['waiting'], 'account')} of run {decisions['run']} still to decide")


def print_release(release: Release, *, json: bool) -> None:
    """Print what was put into ready/ and taken out of it."""
    if json:
        print_json(release)
        return
    for report in release["removed"]:
        line(f"  removed: {report['account']}")
    for report in release["passed_over"]:
        line(f"  passed over: {report['account']} (what is ready is from a run that finished later)")
    line(
        f"{plural(len(release['released']), 'report')} released from run {release['run']}, "
        f"{plural(len(release['removed']), 'report')} removed; {plural(release['waiting'], 'account')} still to decide"
    )
    line(f"Ready: {release['ready_dir']}")


# ----------------------------------------------------------------------------------------------------------------------


def _print_common_faults(groups: Sequence[FaultGroup], *, everything: bool) -> None:
    common = [group for group in groups if group["accounts"] > 1]
    _print_some([_common_fault(group) for group in common], everything, "fault")


def _common_fault(group: FaultGroup) -> str:
    cells, accounts = plural(group["faults"], "cell"), plural(group["accounts"], "account")
    cell = f" Found: {group['found']!r}." if group["found"] else ""
    return f"  the same fault in {accounts}, {cells}: {group['column']}: {group['rule']}.{cell} {group['remedy']}."


def _print_faults(account: AccountReview, faults: Sequence[Mapping[str, Any]]) -> None:
    """Print what holds an account back, and what to do; names its people."""
    for fault in faults:
        row = f"row {fault['row']}" if fault["row"] else f"user {fault['user_id']}" if fault["user_id"] else ""
        where = ", ".join(filter(None, (row, fault["person"], fault["column"])))
        cell = f" Found: {fault['found']!r}." if fault["found"] else ""
        line(f"    x {where}: {fault['rule']}.{cell} {fault['remedy']}.")
    if not faults:
        line("    x Rows that may belong to it have faults, which are listed under another account")
    if account["faults"] > len(faults) > 0:
        line(f"    and {plural(account['faults'] - len(faults), 'more fault')}: see faults.csv of the run")


def _print_listed(changes: ListedChanges) -> None:
    for course in changes["lost"]:
        line(f"    - {course['name']} <{course['email']}> lost {course['course']}")
    for course in changes["gained"]:
        line(f"    + {course['name']} <{course['email']}> gained {course['course']}")
    for person in changes["left"]:
        line(f"    - {person['name']} <{person['email']}> left{_with(person['courses'])}")
    for person in changes["joined"]:
        line(f"    + {person['name']} <{person['email']}> joined{_with(person['courses'])}")
    for detail in changes["details"]:
        was, now = detail["before"] or BLANK, detail["after"] or BLANK
        line(f"    ~ {detail['name']} <{detail['email']}> {detail['field']}: {was} -> {now}")


def _line(account: AccountReview) -> str:
    counts = account["counts"]
    words = {
        "lost": counts["lost"],
        "gained": counts["gained"],
        "left": counts["left"],
        "joined": counts["joined"],
        "changed in details": counts["details"],
    }
    text = ", ".join(f"{count} {what}" for what, count in words.items() if count)
    if account["renamed_from"]:
        text = f"renamed from {account['renamed_from']}" + (f", {text}" if text else "")
    if account["change"] == "held":
        text = f"{plural(account['rows'], 'row')}, {plural(account['faults'], 'fault')}"
    if not text:
        text = plural(account["rows"], "person", "people")
    return f"  {account['change']:9} {account['account'] or '(no account)'}: {text} [{_decision(account)}]"


def _decision(account: AccountReview) -> str:
    who = signature(account["by"], account["at"], account["reason"])
    return f"{account['decision']} {who}".rstrip()


def _with(courses: list[str]) -> str:
    return f" with {', '.join(courses)}" if courses else ""


def _print_some(lines: list[str], everything: bool, what: str) -> None:
    shown = lines if everything else lines[:SCREEN]
    for text in shown:
        line(text)
    if len(lines) > len(shown):
        line(f"  and {plural(len(lines) - len(shown), f'more {what}')}: add --full to see all")
