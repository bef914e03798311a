"""Releases: puts the approved reports of a run into ready/, in one step.

Here is which accounts of a run are released. `next_ready.py` says what ready/ has afterwards, `exports/home/publish.py`
changes it atomically, and decisions are in `decide.py`.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple, TypedDict

from exports.home import ledger, ready
from exports.home.decisions import approved_in, subject_of
from exports.home.layout import Home
from exports.home.publish import writing
from exports.home.status import AccountStatus, RunStatus, run_status
from flows.addresses import make_addresses
from flows.review.next_ready import publish_chosen, restore
from flows.review.recipients import note_released
from flows.review.signature import UNATTENDED, clean, require_words
from schemas.errors import NotAllowed
from schemas.manifest import FileRow
from schemas.words import some


class Release(TypedDict):
    """What a release has changed, and how many accounts of the run still wait."""

    run: str
    released: list[FileRow]
    removed: list[FileRow]
    passed_over: list[FileRow]  # approved, but what is ready is from a run that finished later
    waiting: int
    ready_dir: str


def release(
    home: Home, run: str = "latest", *, by: str = "", reason: str = "", older: bool = False, now: datetime
) -> Release:
    """Put the approved reports of a run into ready/, in one step; the others there stay as they are.

    A report in ready/ from a run that finished later stays too, unless `older`, which needs `by` and `reason`. The
    ledger names `by`, else whose decision is released. Reports that were altered or removed in ready/ are restored,
    even if nothing can be released.

    Raises NotAllowed, and releases nothing, if nothing is approved and something waits, if staged bytes are gone or
    are not those approved, or if two accounts would share a file name.
    """
    by, reason = clean(by), clean(reason)
    require_words(by, reason, older=older)
    with writing(home):
        state = run_status(home, home.manifest(run))
        choice = _choose(state, older=older)
        if not choice.approved and not choice.passed_over and state.missing and not _released_before(state):
            raise NotAllowed(_nothing_approved(state, restore(state, now)))
        chosen = [*choice.approved, *choice.respelled]
        if chosen:
            publish_chosen(state, chosen, by, reason, now)
            _make_addresses(home)
            note_released(home, state.run_folder, seen=any(map(_is_by_a_person, chosen)))
        else:
            restore(state, now)
        return {
            "run": state.run,
            "released": [_report(one.report) for one in chosen if one.report],
            "removed": [_report(one.ready) for one in chosen if one.ready and not one.report],
            "passed_over": [_report(row) for one in choice.passed_over if (row := one.report or one.ready)],
            "waiting": choice.waiting,
            "ready_dir": str(home.ready),
        }


def refuse_if_all_passed_over(release: Release) -> None:
    """Raise NotAllowed if nothing was released because newer reports are ready."""
    if release["passed_over"] and not release["released"] and not release["removed"]:
        passed_over = some([ready.named(report) for report in release["passed_over"]])
        raise NotAllowed(
            f"Nothing of run {release['run']} was released. What is ready is from a run that finished later: "
            f"{passed_over}. To release the older reports anyway, add --older, --by WHO and --reason TEXT"
        )


# ---------------------------------------------------------------------------------------------------------------------


class _Choice(NamedTuple):
    """The accounts of a run to release, those that are passed over, and how many still wait for a decision."""

    approved: list[AccountStatus]
    respelled: list[AccountStatus]
    passed_over: list[AccountStatus]
    waiting: int


def _choose(state: RunStatus, *, older: bool) -> _Choice:
    approved = [one for one in state.accounts if one.decision == "approved"]
    is_superseded = _superseded(state)
    replaced = _replaced_since(state, is_superseded)
    return _Choice(
        approved=[*approved, *replaced] if older else [one for one in approved if not is_superseded(one)],
        respelled=[one for one in state.accounts if _is_respelled(one) and not is_superseded(one)],
        passed_over=[] if older else [*filter(is_superseded, approved), *replaced],
        waiting=len(state.missing) - len(replaced),
    )


def _superseded(state: RunStatus) -> Callable[[AccountStatus], bool]:
    """A test whether an account's ready report is newer than this run: from a run that finished later, or the same as
    in the newest nightly run."""
    home, own = state.home, state.home.ended(state.run)
    later = {run for run in {one.ready["run"] for one in state.accounts if one.ready} if home.ended(run) > own}
    newest = home.manifest(state.newer)["reports"] if state.newer else ()
    confirmed = {subject_of(row) for row in newest}
    return lambda one: one.ready is not None and (one.ready["run"] in later or subject_of(one.ready) in confirmed)


def _replaced_since(state: RunStatus, is_superseded: Callable[[AccountStatus], bool]) -> list[AccountStatus]:
    """The accounts that were approved in this run, and whose approval ended because a newer report was released."""
    missing = [one for one in state.missing if is_superseded(one)]
    lines = approved_in(ledger.read(state.home), state.run) if missing else {}
    return [now for one in missing if (now := one.decided(lines.get(one.subject))).decision == "approved"]


def _is_respelled(one: AccountStatus) -> bool:
    """Whether an unchanged report has another spelling of the account's name, or an id that ready/ does not have.

    An account without an id in ready/ gets the one that it has now; an id there is kept.
    """
    if one.change != "unchanged" or one.report is None or one.ready is None:
        return False
    now, before = ((row["account"], row["account_id"], row["file"]) for row in (one.report, one.ready))
    return one.ready["account_id"] in (None, one.account_id) and now != before


def _released_before(state: RunStatus) -> bool:
    return any(line["what"] == "release" and line["run"] == state.run for line in ledger.read(state.home))


def _nothing_approved(state: RunStatus, restored: int) -> str:
    mended = f" {restored} altered in ready/ were restored." if restored else ""
    newer = f"The nightly run {state.newer} has finished since. " if state.newer else ""
    return (
        f"Nothing of run {state.run} is approved.{mended} "
        f"Waiting for a decision: {len(state.missing)} of {len(state.accounts)} accounts. "
        f"{newer}See them with: partner-certs review {state.newer or state.run}"
    )


def _make_addresses(home: Home) -> None:
    """Rebuild the index of addresses, so that drafting does not wait for it. If it fails, drafting tries again."""
    folder = ready.current(home)
    if folder is not None:
        with suppress(NotAllowed, OSError):
            make_addresses(home, folder)


def _is_by_a_person(one: AccountStatus) -> bool:
    """Whether a person has approved, not a policy."""
    return one.decision_line is not None and not one.decision_line["reason"].startswith(UNATTENDED)


def _report(row: FileRow) -> FileRow:
    return {"account": row["account"], "account_id": row["account_id"], "file": row["file"], "sha256": row["sha256"]}
