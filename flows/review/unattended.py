"""Approval without a reviewer, by a policy."""

from collections.abc import Sequence
from datetime import datetime

from exports.home.layout import Home
from exports.home.publish import writing
from exports.home.status import AccountStatus, RunStatus, run_status
from flows.review.compare import accounts_frame, changes
from flows.review.decide import Decisions, record
from flows.review.signature import UNATTENDED
from schemas.review import Policy
from transforms.alarms import only_gains


def approve_unattended(home: Home, run: str, policy: Policy, now: datetime) -> Decisions:
    """Approve what a policy lets through without a reviewer; the ledger names the policy as the decider.

    `gains`: changed accounts where people only joined, gained a course or changed a detail, and fewer than a fifth of
    the people now in the report did. `valid`: all that is not held, gone accounts too. Only accounts without a
    decision, and none if a newer nightly run has finished.
    """
    with writing(home):
        state = run_status(home, home.manifest(run))
        chosen: Sequence[AccountStatus] = ()
        if policy == "valid" and not state.newer:
            chosen = state.missing
        if policy == "gains" and not state.newer:
            chosen = _only_gains(state)
        return record(state, chosen, "approve", policy, f"{UNATTENDED} {policy}", now)


# ---------------------------------------------------------------------------------------------------------------------


def _only_gains(state: RunStatus) -> list[AccountStatus]:
    """The waiting accounts where nobody left or lost anything, and few people changed."""
    chosen = state.only(state.missing)
    return [chosen.accounts[index] for index in only_gains(changes(chosen, whole=False), accounts_frame(chosen))]
