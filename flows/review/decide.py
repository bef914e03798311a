"""Decisions: approve, hold, reject, undo.

Plain functions; who decides, and the time, are passed in. Each takes the home's lock, so that two reviewers at once
lose nothing. What is refused is in `refusals.py`, approval without a reviewer in `unattended.py`. Which decision counts
later is in `exports/home/decisions.py`; `release.py` releases what is approved.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, TypedDict

from exports.home import ledger
from exports.home.layout import Home
from exports.home.publish import writing
from exports.home.status import AccountStatus, RunStatus, run_status
from flows.find_account import of_run
from flows.review.refusals import needed_reason, refuse_held, refuse_older, refuse_without_reason
from flows.review.signature import clean, require_words, who
from schemas.errors import NotAllowed, WrongUsage

Action = Literal["approve", "hold", "reject"]


class Decided(TypedDict):
    """One decision as in `--json`; `sha256` is null for a gone account."""

    account: str
    account_id: str | None
    sha256: str | None
    what: str


class Decisions(TypedDict):
    """The decisions that were made, and how many accounts still wait."""

    run: str
    decided: list[Decided]
    waiting: int


def decide(
    home: Home,
    what: Action,
    run: str = "latest",
    *,
    accounts: Sequence[str] = (),
    every: bool = False,
    by: str,
    reason: str = "",
    older: bool = False,
    now: datetime,
) -> Decisions:
    """Decide about the named accounts, or about `every` account that waits for a decision.

    Accounts that need no decision (unchanged, held back) are skipped. Raises WrongUsage, and decides nothing, for an
    unknown or ambiguous account, without accounts, without `by`, or without a reason where one is needed; NotAllowed if
    a named account is held back and can't be approved, and if a newer nightly run has finished, unless `older`.
    """
    by, reason = who(by), needed_reason(what, reason)
    if not accounts and not every:
        raise WrongUsage(f"Say what to {what}: --account NAME_OR_ID (repeatable) or --all")
    if accounts and every:
        raise WrongUsage("Give either --account or --all, not both")
    require_words(by, reason, older=older)
    with writing(home):
        state = run_status(home, home.manifest(run))
        refuse_older(state, older=older)
        chosen = _named(state, accounts) if accounts else state.missing
        if what == "approve":
            refuse_held(state, chosen)
        chosen = [one for one in chosen if one.decision != "not needed"]
        refuse_without_reason(state, chosen, what, reason)
        return record(state, chosen, what, by, reason, now)


def undo(
    home: Home,
    run: str = "latest",
    *,
    accounts: Sequence[str] = (),
    by: str = "",
    reason: str = "",
    older: bool = False,
    now: datetime,
) -> Decisions:
    """Take back the decisions of this run that are not released; those accounts wait again.

    A decision that carried over from an earlier run is taken back only for a named account. Raises WrongUsage, and
    takes nothing back, for an unknown or ambiguous account; NotAllowed as `decide` does.
    """
    by, reason = clean(by), clean(reason)
    require_words(by, reason, older=older)
    with writing(home):
        state = run_status(home, home.manifest(run))
        refuse_older(state, older=older)
        if accounts:
            chosen = [one for one in _named(state, accounts) if one.decision_line]
        else:
            chosen = [one for one in state.accounts if one.decision_line and one.decision_line["run"] == state.run]
        return record(state, chosen, "undo", by, reason, now)


class Shown(NamedTuple):
    """An account as a page showed it: its index in the run's status, that status, and what needs a reason and why."""

    account_index: int
    status: AccountStatus
    reasons: Mapping[str, str]


def decide_shown(
    home: Home,
    state: Callable[[], RunStatus],
    what: Literal["approve", "hold", "reject", "undo"],
    shown: Sequence[Shown],
    *,
    by: str,
    reason: str = "",
    now: datetime,
) -> Decisions:
    """Decide about accounts as a page showed them.

    `state` returns the run's status; it is called under the home's lock. Raises NotAllowed, and decides nothing, if an
    account has changed since, WrongUsage without `by`, or without a reason where one is needed.
    """
    by, reason = who(by), needed_reason(what, reason)
    if not reason and (needed := [one.reasons[what] for one in shown if what in one.reasons]):
        raise WrongUsage(f"{needed[0]}. Give a reason; nothing was decided")
    with writing(home):
        status = state()
        refuse_older(status, older=False)
        if any(status.accounts[one.account_index] != one.status for one in shown):
            raise NotAllowed("Somebody else has decided meanwhile. The page now shows their decision")
        accounts = [status.accounts[one.account_index] for one in shown]
        chosen = [one for one in accounts if (one.decision_line if what == "undo" else one.decision != "not needed")]
        return record(status, chosen, what, by, reason, now)


def record(
    state: RunStatus,
    chosen: Sequence[AccountStatus],
    what: ledger.What,
    by: str,
    reason: str,
    now: datetime,
) -> Decisions:
    """Write decisions to the ledger, and count the accounts that still wait."""
    lines = [one.line_of(what, state.run, by, reason, now) for one in chosen]
    ledger.append(state.home, lines)
    waiting = {id(one) for one in state.missing}
    decided = {id(one) for one in chosen}
    return {
        "run": state.run,
        "decided": [
            {"account": one.account, "account_id": one.account_id, "sha256": one.sha256, "what": what} for one in chosen
        ],
        "waiting": len(waiting | decided) if what == "undo" else len(waiting - decided),
    }


# ---------------------------------------------------------------------------------------------------------------------


def _named(state: RunStatus, wanted: Sequence[str]) -> list[AccountStatus]:
    """The accounts with these names or ids, each once."""
    pairs = [(one.account, one.account_id) for one in state.accounts]
    indexes = [of_run(state.run, pairs, name) for name in wanted]
    return [state.accounts[index] for index in dict.fromkeys(indexes)]
