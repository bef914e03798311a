"""Releases: puts the approved reports of a run into ready/, in one step.

Here is which reports come in, go out, get another name or stay. How ready/ changes atomically is in
`exports/home/publish.py`; decisions are in `decide.py`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from exports.home import ledger, ready
from exports.home.decisions import approved_in, subject_of
from exports.home.layout import Home, reports_folder
from exports.home.publish import publish, writing
from exports.home.status import AccountStatus, RunStatus, run_status
from flows.addresses import make_addresses
from flows.review.recipients import note_released
from flows.review.signature import UNATTENDED, clean, require_words
from schemas.errors import NotAllowed
from schemas.manifest import FileRow, ReadyRow, ReportRow
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
        approved = [one for one in state.accounts if one.decision == "approved"]
        is_superseded = _superseded(state)
        replaced = _replaced_since(state, is_superseded)
        passed_over = [] if older else [*filter(is_superseded, approved), *replaced]
        chosen = [*approved, *replaced] if older else [one for one in approved if not is_superseded(one)]
        if not chosen and not passed_over and state.missing and not _released_before(state):
            raise NotAllowed(_nothing_approved(state, _restore(state, now)))
        chosen += [one for one in state.accounts if _is_respelled(one) and not is_superseded(one)]
        if chosen:
            _publish(state, chosen, by, reason, now)
            _make_addresses(home)
            note_released(home, state.run_folder, seen=any(map(_is_by_a_person, chosen)))
        else:
            _restore(state, now)
        return {
            "run": state.run,
            "released": [_report(one.report) for one in chosen if one.report],
            "removed": [_report(one.ready) for one in chosen if one.ready and not one.report],
            "passed_over": [_report(row) for one in passed_over if (row := one.report or one.ready)],
            "waiting": len(state.missing) - len(replaced),
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


def _restore(state: RunStatus, now: datetime) -> int:
    """Restore reports that were altered in ready/; returns how many."""
    altered = ready.altered(state.home)
    if altered:
        _publish(state, (), "", "", now)
    return len(altered)


def _make_addresses(home: Home) -> None:
    """Rebuild the index of addresses, so that drafting does not wait for it. If it fails, drafting tries again."""
    folder = ready.current(home)
    if folder is not None:
        with suppress(NotAllowed, OSError):
            make_addresses(home, folder)


def _publish(state: RunStatus, chosen: Sequence[AccountStatus], by: str, reason: str, now: datetime) -> None:
    """Publish the new ready/: the chosen reports come in, gone ones go out, others stay."""
    replaced = {str(one.ready["file"]) for one in chosen if one.ready}
    rows = [row for row in (ready.rows_of(state.ready) if state.ready else []) if row["file"] not in replaced]
    sources = {str(row["file"]): _kept(state, row) for row in rows}
    for one in chosen:
        if one.report:
            row, source = _incoming(state, one, one.report)
            rows.append(row)
            sources[row["file"]] = source
    lines = [one.line_of("release", state.run, by or _approver(one), reason, now) for one in chosen]
    publish(state.home, sorted(rows, key=lambda row: str(row["file"])), sources, lines)


def _incoming(state: RunStatus, one: AccountStatus, report: ReportRow) -> tuple[ReadyRow, Path]:
    """The row of a report in ready/, and the path of its bytes."""
    row: ReadyRow
    if line := one.decision_line:
        row = {**report, "run": state.run, "approved_by": line["by"], "approved_at": line["at"]}
        return row, reports_folder(state.home, state.run) / report["file"]
    if one.ready is None:
        raise AssertionError(f"{ready.named(report)} is neither approved nor ready. Please report this")
    row = {**one.ready, "run": state.run}  # it is respelled
    row["account"], row["account_id"], row["file"] = report["account"], report["account_id"], report["file"]
    return row, _kept(state, one.ready)


def _kept(state: RunStatus, row: ReadyRow) -> Path:
    """The path of the bytes of a report that stays: in ready/, or in a run if it was altered or removed there."""
    wanted = state.ready / str(row["file"]) if state.ready else Path(row["file"])
    if ready.is_intact(wanted, row["sha256"]):
        return wanted
    same = [one.report["file"] for one in state.accounts if one.report and one.report["sha256"] == row["sha256"]]
    elsewhere = [
        reports_folder(state.home, row["run"]) / str(row["file"]),
        *(reports_folder(state.home, state.run) / str(file) for file in same),
    ]
    return next((path for path in elsewhere if ready.is_intact(path, row["sha256"])), wanted)


def _is_by_a_person(one: AccountStatus) -> bool:
    """Whether a person has approved, not a policy."""
    return one.decision_line is not None and not one.decision_line["reason"].startswith(UNATTENDED)


def _approver(one: AccountStatus) -> str:
    """Whose decision a release carries out."""
    return one.decision_line["by"] if one.decision_line else one.ready.get("approved_by", "") if one.ready else ""


def _report(row: FileRow) -> FileRow:
    return {"account": row["account"], "account_id": row["account_id"], "file": row["file"], "sha256": row["sha256"]}
