"""The final state of a run in Prefect: its name, a message that says what to do next, and a result page.

Imports no Prefect, and lets no personal data through, because Prefect keeps it in plain text: accounts appear by id.
"""

from dataclasses import dataclass, replace
from typing import Literal

from flows.approvals import OnDemand, Released
from flows.certify import Outcome
from flows.mail.drafted import Drafted
from flows.orchestration.result_pages import (
    account_without_name,
    drafts_page,
    held_accounts,
    outcome_page,
    release_page,
)
from flows.orchestration.safe_message import safe_message
from flows.review.release import Release
from schemas.words import plural, some

Name = Literal["Completed", "CompletedWithHeld", "CompletedWithRefused", "Failed"]
NAMED = 5  # accounts in a message


@dataclass(frozen=True)
class FinalState:
    """The name and message of the final state, and the result as a Markdown page."""

    name: Name
    message: str
    page: str


def final_state(result: Outcome | OnDemand | Released | Drafted) -> FinalState:
    """The final state of a run with this result."""
    if isinstance(result, Drafted):
        return drafts_state(result)
    if isinstance(result, OnDemand):
        return on_demand_state(result)
    if isinstance(result, Released):
        return release_state(result)
    return outcome_state(result)


def on_demand_state(done: OnDemand) -> FinalState:
    """The final state of `account` where somebody approves."""
    final, approval = outcome_state(done.outcome), "Not approved: the account is held back"
    if done.needs_reason:
        approval = f"Not approved: {done.needs_reason}. Start it again with a reason, or review it"
    elif done.release:
        approval = _what_was_released(done.release)
    return replace(final, message=f"{approval}. {final.message}", page=f"{approval}\n\n{final.page}")


def outcome_state(outcome: Outcome) -> FinalState:
    """The final state of `nightly` or `account`."""
    totals, held = outcome.totals, [account_without_name(row) for row in held_accounts(outcome)]
    done = f"{plural(totals['written'], 'report')} with {plural(totals['people'], 'person', 'people')}"
    if outcome.kind == "nightly":
        next_step = f"Review with: partner-certs review {outcome.run}"
    else:
        next_step = f"See it with: partner-certs show {outcome.run}"
    if held:
        what = f"{plural(len(held), 'account')} held back: {some(held, NAMED)}"
        fix = f"Correct the rows that faults.csv in the run's folder names. {next_step}"
        return FinalState("CompletedWithHeld", f"{done}; {what}. {fix}", outcome_page(outcome))
    return FinalState("Completed", f"{done}, no account held back. {next_step}", outcome_page(outcome))


def release_state(released: Released) -> FinalState:
    """The final state of `release`."""
    release = released.release
    waiting = release["waiting"]
    done = f"{plural(len(release['released']), 'report')} released, {len(release['removed']):,} removed"
    if release["passed_over"]:
        newer = plural(len(release["passed_over"]), "report")
        done += f"; {newer} not released: what is ready is from a run that finished later"
    if waiting:
        done += f"; {plural(waiting, 'account')} still waiting: partner-certs review {release['run']}"
    return FinalState("Completed", done, release_page(released))


def drafts_state(drafted: Drafted) -> FinalState:
    """The final state of `drafts`."""
    where = "in the mailbox" if drafted.imap else "in drafts/ of the home"
    done = f"{plural(len(drafted.made), 'draft')} {where}, {len(drafted.before):,} made before"
    if not drafted.refused:
        return FinalState("Completed", f"{done}. Check them, then send them yourself", drafts_page(drafted))
    command = f"partner-certs draft {'--changed' if drafted.changed else '--all'}{' --imap' if drafted.imap else ''}"
    refused = some([*map(account_without_name, drafted.refused)], NAMED)
    without = f"{plural(len(drafted.refused), 'account')} without a draft: {refused}"
    return FinalState("CompletedWithRefused", f"{done}; {without}. See why with: {command}", drafts_page(drafted))


def failure_state(failure: BaseException) -> FinalState:
    """The final state of a run that failed."""
    message = safe_message(failure)
    return FinalState("Failed", message, f"{message}\n")


# ---------------------------------------------------------------------------------------------------------------------


def _what_was_released(release: Release) -> str:
    if release["released"]:
        return "Approved and released"
    if release["passed_over"]:
        return "Approved, not released: what is ready is from a run that finished later"
    return "Nothing to release: ready/ has this report already"
