"""Deciding and releasing in the page: what a browser asks for, compared with what is true now, then written at once.

A page sends back what it showed: the account's key (its bytes, and those that are ready) and a token of the decision
that it showed. If either is another now, nothing is written and the page gets what is true.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeGuard, get_args

from desk.current import Moment
from desk.morning import token
from desk.night import Night, Nights
from exports.home.layout import Home
from exports.home.status import AccountStatus, RunStatus
from flows.review import recipients
from flows.review.decide import Shown, Verdict, decide_shown
from flows.review.release import Release, refuse_if_all_passed_over, release
from flows.run_ids import utc_now
from schemas.errors import NotAllowed
from schemas.review import AccountReview
from schemas.words import plural

What = Literal["approve", "hold", "reject", "undo"]
VERDICTS: dict[str, Verdict] = {"approve": "approve", "hold": "hold", "reject": "reject"}
DONE = {"approve": "approved", "hold": "on hold", "reject": "rejected", "undo": "undone"}
NEWER = "A newer run has finished, so this page shows what was yesterday. Load it again to see the newer one"


@dataclass(frozen=True)
class Wish:
    """What a page asks for: the run that it shows, and for each account its key and the token of what it showed."""

    run: str
    what: What
    items: Sequence[tuple[str, str]]
    by: str
    reason: str
    version: int  # that the page has seen


def wish(body: Any) -> Wish | None:
    """What a page sends, if it is that; None if it is anything else."""
    if not isinstance(body, dict) or not all(
        isinstance(body.get(name), str) for name in ("run", "what", "by", "reason")
    ):
        return None
    items = body.get("items")
    if body["what"] not in get_args(What) or not _are_items(items):
        return None
    pairs = [(item["key"], item["seen"]) for item in items]
    version = body.get("version")
    seen = version if isinstance(version, int) else 0
    return Wish(body["run"], body["what"], pairs, body["by"].strip(), body["reason"].strip(), seen)


def decide(home: Home, nights: Nights, wish: Wish) -> list[AccountStatus]:
    """Write what is wished, for all of its accounts or for none; gives them as they are then.

    Raises NotAllowed if the page showed something else than what is true now, WrongUsage as `flows.review.decide`.
    """
    moment, night = nights.now()
    status = open_run(moment, wish.run)
    if night is None or any(key not in night.accounts for key, _ in wish.items):
        raise NotAllowed("This account has changed since the page was opened. It is shown as it is now: look again")
    chosen = [night.status(status, key) for key, _ in wish.items]
    if [token(one) for one in chosen] != [seen for _, seen in wish.items]:
        raise NotAllowed("Somebody else has decided meanwhile. Their decision is shown now")
    reviews = [night.accounts[key] for key, _ in wish.items]
    shown = [Shown(review["place"], one, review["needs_reason"]) for review, one in zip(reviews, chosen, strict=True)]

    def now() -> RunStatus:
        return open_run(nights.moment(), wish.run)

    decide_shown(home, now, wish.what, shown, by=wish.by, reason=wish.reason, now=utc_now())
    after = now()
    return [night.status(after, key) for key, _ in wish.items]


def members(night: Night, status: RunStatus, group: str) -> list[tuple[str, AccountReview, AccountStatus]]:
    """The undecided accounts of a group: key, review, status."""
    keys = night.groups.get(group, ())
    members = [(key, night.accounts[key], night.status(status, key)) for key in keys]
    return [member for member in members if member[2].decision == "missing"]


def to_release(night: Night, status: RunStatus) -> list[tuple[str, AccountReview, AccountStatus]]:
    """What is approved and not released, losses and gone accounts first: key, review, status."""
    members = [(key, one, night.status(status, key)) for key, one in night.accounts.items()]
    return [member for member in members if member[2].decision == "approved"]


def release_seen(home: Home, nights: Nights, run: str, by: str, seen: str) -> Release:
    """Release what the page listed; raises NotAllowed if it is not that any more."""
    moment, night = nights.now()
    status = open_run(moment, run)
    if night is None or digest(to_release(night, status)) != seen:
        raise NotAllowed("What is approved has changed since it was listed. Nothing was released: look again")
    done = release(home, run, by=by, now=utc_now())
    refuse_if_all_passed_over(done)
    return done


def released_words(done: Release) -> str:
    """A sentence for everybody who has the page open."""
    removed = f", {plural(len(done['removed']), 'report')} removed" if done["removed"] else ""
    newer = f", {len(done['passed_over'])} passed over: what is ready of them is newer" if done["passed_over"] else ""
    return f"{plural(len(done['released']), 'report')} released{removed}{newer}."


def digest(chosen: Sequence[tuple[str, AccountReview, AccountStatus]]) -> str:
    """A mark of a list of decisions: another list has another one."""
    return sha256(repr([(key, token(status)) for key, _, status in chosen]).encode()).hexdigest()


def checklist(chosen: Sequence[tuple[str, AccountReview, AccountStatus]]) -> list[tuple[str, list[str]]]:
    """What is released, by what it does, the gravest first: a heading, and names of accounts or sentences about them.

    An account is under each grave heading that it belongs to, and under another one only if it has none.
    """
    groups: dict[str, list[str]] = {heading: [] for heading in (*_GRAVE, "New", "Changed")}
    for _, one, _ in chosen:
        grave = {heading: words for heading, words_of in _GRAVE.items() if (words := words_of(one))}
        for heading, words in grave.items():
            groups[heading].append(words)
        if not grave:
            groups["New" if one["change"] == "new" else "Changed"].append(one["account"])
    return [(heading, names) for heading, names in groups.items() if names]


def done_words(wish: Wish, accounts: Sequence[AccountStatus]) -> str:
    """A sentence for everybody who has the page open."""
    what = accounts[0].account if len(accounts) == 1 else plural(len(accounts), "account")
    return f"{what}: {DONE[wish.what]}."


def of_run(moment: Moment, run: str) -> RunStatus:
    """The status, if it is still of the run that a page shows; raises NotAllowed if a newer one has finished."""
    if moment.status is None or moment.status.run != run:
        raise NotAllowed(NEWER)
    return moment.status


def open_run(moment: Moment, run: str) -> RunStatus:
    """As `of_run`, of a run that is still decided about; raises NotAllowed if it is the record of its day."""
    status = of_run(moment, run)
    if status.newer:
        raise NotAllowed(NEWER)
    return status


# ---------------------------------------------------------------------------------------------------------------------


def _loses(one: AccountReview) -> str:
    return one["account"] if one["counts"]["lost"] else ""


def _leaves(one: AccountReview) -> str:
    return one["account"] if one["change"] == "gone" else ""


def _is_renamed(one: AccountReview) -> str:
    return f"{one['renamed_from']} is now {one['account']}" if one["renamed_from"] else ""


def _goes_to_another(one: AccountReview) -> str:
    return next((alarm["text"] for alarm in one["alarms"] if alarm["kind"] == recipients.KIND), "")


_GRAVE: Mapping[str, Callable[[AccountReview], str]] = {
    "Somebody loses a course": _loses,
    "Taken out of ready": _leaves,
    "Renamed": _is_renamed,
    "Another recipient": _goes_to_another,
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
