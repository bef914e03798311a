"""Deciding and releasing in the page: a request is compared with the current state, then written in one step.

A page sends back what it showed: the account's key (made of its bytes and those that are ready) and a token of the
decision. If either has changed, nothing is written and the page gets the current state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeGuard, get_args

from desk.account import token
from desk.current import Snapshot
from desk.live_review import LiveReview, ReviewedRun
from exports.home.layout import Home
from exports.home.status import AccountStatus, RunStatus
from flows.review import recipients
from flows.review.decide import Action, Shown, decide_shown
from flows.review.release import Release, refuse_if_all_passed_over, release
from flows.run_ids import utc_now
from schemas.errors import NotAllowed
from schemas.review import AccountReview
from schemas.words import plural

What = Literal["approve", "hold", "reject", "undo"]
ACTIONS: dict[str, Action] = {"approve": "approve", "hold": "hold", "reject": "reject"}
DONE = {"approve": "approved", "hold": "on hold", "reject": "rejected", "undo": "undone"}
NEWER = "A newer run has finished, so this page is out of date. Load it again to see the newer one"


@dataclass(frozen=True)
class DecisionRequest:
    """A decision that a page asks for: the run, and the key of each account with the token of the decision shown."""

    run: str
    what: What
    items: Sequence[tuple[str, str]]
    by: str
    reason: str
    version: int  # the last one that the page has seen


def parse_request(body: Any) -> DecisionRequest | None:
    """The request in a JSON body; None if it is not one."""
    if not isinstance(body, dict) or not all(
        isinstance(body.get(name), str) for name in ("run", "what", "by", "reason")
    ):
        return None
    items = body.get("items")
    if body["what"] not in get_args(What) or not _are_items(items):
        return None
    pairs = [*dict.fromkeys((item["key"], item["seen"]) for item in items)]  # each account once
    version = body.get("version")
    seen = version if isinstance(version, int) else 0
    return DecisionRequest(body["run"], body["what"], pairs, body["by"].strip(), body["reason"].strip(), seen)


def decide(home: Home, live: LiveReview, request: DecisionRequest) -> list[AccountStatus]:
    """Write the decision for all of its accounts or for none; gives their new status.

    Raises NotAllowed if the page was out of date, WrongUsage as `flows.review.decide`.
    """
    snapshot, reviewed = live.now()
    status = open_run(snapshot, request.run)
    if reviewed is None or any(key not in reviewed.accounts for key, _ in request.items):
        raise NotAllowed("This account has changed since the page was opened. The page now shows it: look again")
    chosen = [reviewed.status(status, key) for key, _ in request.items]
    if [token(one) for one in chosen] != [seen for _, seen in request.items]:
        raise NotAllowed("Somebody else has decided meanwhile. The page now shows their decision")
    reviews = [reviewed.accounts[key] for key, _ in request.items]
    shown = [Shown(review["index"], one, review["needs_reason"]) for review, one in zip(reviews, chosen, strict=True)]

    def now() -> RunStatus:
        return open_run(live.snapshot(), request.run)

    decide_shown(home, now, request.what, shown, by=request.by, reason=request.reason, now=utc_now())
    after = now()
    return [reviewed.status(after, key) for key, _ in request.items]


def members(reviewed: ReviewedRun, status: RunStatus, group: str) -> list[tuple[str, AccountReview, AccountStatus]]:
    """The undecided accounts of a group: key, review, status."""
    keys = reviewed.groups.get(group, ())
    members = [(key, reviewed.accounts[key], reviewed.status(status, key)) for key in keys]
    return [member for member in members if member[2].decision == "missing"]


def to_release(reviewed: ReviewedRun, status: RunStatus) -> list[tuple[str, AccountReview, AccountStatus]]:
    """The accounts that are approved and not released, losses and gone accounts first: key, review, status."""
    members = [(key, one, reviewed.status(status, key)) for key, one in reviewed.accounts.items()]
    return [member for member in members if member[2].decision == "approved"]


def release_seen(home: Home, live: LiveReview, run: str, by: str, seen: str) -> Release:
    """Release what the page listed. seen: the digest of that list; raises NotAllowed if it has changed."""
    snapshot, reviewed = live.now()
    status = open_run(snapshot, run)
    if reviewed is None or digest(to_release(reviewed, status)) != seen:
        raise NotAllowed("What is approved has changed since it was listed. Nothing was released: look again")
    done = release(home, run, by=by, now=utc_now())
    refuse_if_all_passed_over(done)
    return done


def release_message(done: Release) -> str:
    """A sentence about a release, for everybody who has the page open."""
    removed = f", {plural(len(done['removed']), 'report')} removed" if done["removed"] else ""
    newer = f", {len(done['passed_over'])} passed over: newer ones are ready" if done["passed_over"] else ""
    return f"{plural(len(done['released']), 'report')} released{removed}{newer}."


def digest(chosen: Sequence[tuple[str, AccountReview, AccountStatus]]) -> str:
    """The hash of a list of decisions."""
    return sha256(repr([(key, token(status)) for key, _, status in chosen]).encode()).hexdigest()


def checklist(chosen: Sequence[tuple[str, AccountReview, AccountStatus]]) -> list[tuple[str, list[str]]]:
    """What is released, by severity: headings, each with names of accounts or sentences about them.

    An account is listed under every severe heading that applies, and under New or Changed only if none does.
    """
    groups: dict[str, list[str]] = {heading: [] for heading in (*_SEVERE, "New", "Changed")}
    for _, one, _ in chosen:
        severe = {heading: text for heading, text_of in _SEVERE.items() if (text := text_of(one))}
        for heading, text in severe.items():
            groups[heading].append(text)
        if not severe:
            groups["New" if one["change"] == "new" else "Changed"].append(one["account"])
    return [(heading, names) for heading, names in groups.items() if names]


def decision_message(request: DecisionRequest, accounts: Sequence[AccountStatus]) -> str:
    """A sentence about a decision, for everybody who has the page open."""
    what = accounts[0].account if len(accounts) == 1 else plural(len(accounts), "account")
    return f"{what}: {DONE[request.what]}."


def shown_run(snapshot: Snapshot, run: str) -> RunStatus:
    """The status of the run that a page shows; raises NotAllowed if Morning has moved on to a newer one."""
    if snapshot.status is None or snapshot.status.run != run:
        raise NotAllowed(NEWER)
    return snapshot.status


def open_run(snapshot: Snapshot, run: str) -> RunStatus:
    """As `shown_run`, for decisions; raises NotAllowed also if a newer nightly run has closed this one."""
    status = shown_run(snapshot, run)
    if status.newer:
        raise NotAllowed(NEWER)
    return status


# ---------------------------------------------------------------------------------------------------------------------


def _lost_course(one: AccountReview) -> str:
    return one["account"] if one["counts"]["lost"] else ""


def _gone(one: AccountReview) -> str:
    return one["account"] if one["change"] == "gone" else ""


def _renamed(one: AccountReview) -> str:
    return f"{one['renamed_from']} is now {one['account']}" if one["renamed_from"] else ""


def _changed_recipient(one: AccountReview) -> str:
    return next((alarm["text"] for alarm in one["alarms"] if alarm["kind"] == recipients.KIND), "")


_SEVERE: Mapping[str, Callable[[AccountReview], str]] = {
    "Somebody loses a course": _lost_course,
    "Taken out of ready": _gone,
    "Renamed": _renamed,
    "Another recipient": _changed_recipient,
}


def _are_items(items: object) -> TypeGuard[list[dict[str, str]]]:
    return (
        isinstance(items, list)
        and bool(items)
        and all(
            isinstance(item, dict) and isinstance(item.get("key"), str) and isinstance(item.get("seen"), str)
            for item in items
        )
    )
