"""Releasing: what is approved of a run becomes ready to be sent, in one step.

Which reports come in, go out, take another name or stay. How ready/ changes without ever being half done is in
`exports/home/ready.py`, who decides and how in `flows/review/decide.py`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from exports.home import ledger, ready
from exports.home.layout import Home, reports_folder
from exports.home.status import AccountStatus, RunStatus, run_status
from flows.addresses import make_addresses
from flows.review.recipients import note_released
from flows.review.signature import UNATTENDED, clean, require_words
from schemas.errors import NotAllowed
from schemas.manifest import FileRow, ReadyRow, ReportRow
from schemas.words import some


class Release(TypedDict):
    """What a release did, and how many accounts of the run still wait."""

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

    A report that came into ready/ from a run that finished later stays too, unless `older`: then `by` and `reason` are
    needed. The ledger names `by`, or whose decision the release carries out.
    Restores what somebody altered or removed in ready/, also if nothing can be released.

    Raises NotAllowed, and releases nothing, if nothing is approved and something waits, if staged bytes are gone or
    are not those approved, or if two accounts would share a file name.
    """
    by, reason = clean(by), clean(reason)
    require_words(by, reason, older=older)
    with ready.writing(home):
        state = run_status(home, home.manifest(run))
        approved = [one for one in state.accounts if one.decision == "approved"]
        is_overtaken = _overtaken(state)
        replaced = _replaced_since(state, is_overtaken)
        passed_over = [] if older else [*filter(is_overtaken, approved), *replaced]
        chosen = [*approved, *replaced] if older else [one for one in approved if not is_overtaken(one)]
        if not chosen and not passed_over and state.missing and not _released_before(state):
            raise NotAllowed(_nothing_approved(state, _restore(state, now)))
        chosen += [one for one in state.accounts if _is_spelt_anew(one) and not is_overtaken(one)]
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
    """Raise NotAllowed if a release released nothing because what is ready is newer."""
    if release["passed_over"] and not release["released"] and not release["removed"]:
        passed_over = some([ready.named(report) for report in release["passed_over"]])
        raise NotAllowed(
            f"Nothing of run {release['run']} was released. What is ready is from a run that finished later: "
            f"{passed_over}. To release the older reports all the same, add --older, --by WHO and --reason TEXT"
        )


# ---------------------------------------------------------------------------------------------------------------------


def _overtaken(state: RunStatus) -> Callable[[AccountStatus], bool]:
    """Whether what is ready of an account is newer than this run: from a run that finished later, or still what the
    newest nightly run has."""
    home, own = state.home, state.home.ended(state.run)
    later = {run for run in {one.ready["run"] for one in state.accounts if one.ready} if home.ended(run) > own}
    newest = home.manifest(state.newer)["reports"] if state.newer else ()
    confirmed = {_subject(row) for row in newest}
    return lambda one: one.ready is not None and (one.ready["run"] in later or _subject(one.ready) in confirmed)


def _replaced_since(state: RunStatus, is_overtaken: Callable[[AccountStatus], bool]) -> list[AccountStatus]:
    """The accounts that were approved in this run, and whose approval ended because a newer report was released."""
    missing = [one for one in state.missing if is_overtaken(one)]
    lines = ledger.approved_in(ledger.read(state.home), state.run) if missing else {}
    return [now for one in missing if (now := one.decided(lines.get(one.subject))).decision == "approved"]


def _subject(row: FileRow) -> ledger.Subject:
    return ledger.Subject(ledger.key(row["account"], row["account_id"]), row["sha256"])


def _is_spelt_anew(one: AccountStatus) -> bool:
    """Whether equal bytes of the same account have another spelling of its name, or an id, that ready/ has not.

    An account that was known by its name takes the id that it has now; one that has an id keeps it.
    """
    if one.change != "unchanged" or one.report is None or one.ready is None:
        return False
    now, before = ((row["account"], row["account_id"], row["file"]) for row in (one.report, one.ready))
    return one.ready["account_id"] in (None, one.account_id) and now != before


def _released_before(state: RunStatus) -> bool:
    return any(line["what"] == "release" and line["run"] == state.run for line in ledger.read(state.home))


def _nothing_approved(state: RunStatus, restored: int) -> str:
    mended = f" {restored} altered in ready/ are again what was approved." if restored else ""
    newer = f"The nightly run {state.newer} has finished since. " if state.newer else ""
    return (
        f"Nothing of run {state.run} is approved.{mended} "
        f"Waiting for a decision: {len(state.missing)} of {len(state.accounts)} accounts. "
        f"{newer}See them with: partner-certs review {state.newer or state.run}"
    )


def _restore(state: RunStatus, now: datetime) -> int:
    """Restore what somebody altered in ready/; gives how many reports that were."""
    altered = ready.altered(state.home)
    if altered:
        _publish(state, (), "", "", now)
    return len(altered)


def _make_addresses(home: Home) -> None:
    """So that nobody who drafts a mail waits for all reports to be read. What fails here is tried and reported then."""
    folder = ready.current(home)
    if folder is not None:
        with suppress(NotAllowed, OSError):
            make_addresses(home, folder)


def _publish(state: RunStatus, chosen: Sequence[AccountStatus], by: str, reason: str, now: datetime) -> None:
    """Make the new ready/: the chosen reports come in, gone ones go out, others stay."""
    replaced = {str(one.ready["file"]) for one in chosen if one.ready}
    rows = [row for row in (ready.rows_of(state.ready) if state.ready else []) if row["file"] not in replaced]
    sources = {str(row["file"]): _kept(state, row) for row in rows}
    for one in chosen:
        if one.report:
            row, source = _incoming(state, one, one.report)
            rows.append(row)
            sources[row["file"]] = source
    lines = [one.line_of("release", state.run, by or _approver(one), reason, now) for one in chosen]
    ready.publish(state.home, sorted(rows, key=lambda row: str(row["file"])), sources, lines)


def _incoming(state: RunStatus, one: AccountStatus, report: ReportRow) -> tuple[ReadyRow, Path]:
    """The row that a report gets in ready/, and where its bytes are."""
    row: ReadyRow
    if line := one.decision_line:
        row = {**report, "run": state.run, "approved_by": line["by"], "approved_at": line["at"]}
        return row, reports_folder(state.home, state.run) / report["file"]
    if one.ready is None:
        raise AssertionError(f"{ready.named(report)} is neither approved nor ready. Please report this")
    row = {**one.ready, "run": state.run}  # it is spelt anew
    row["account"], row["account_id"], row["file"] = report["account"], report["account_id"], report["file"]
    return row, _kept(state, one.ready)


def _kept(state: RunStatus, row: ReadyRow) -> Path:
    """Where a report that stays has its bytes: in ready/, or, if somebody altered or removed it there, in a run."""
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
    """Whether somebody has seen the review, and no policy has approved."""
    return one.decision_line is not None and not one.decision_line["reason"].startswith(UNATTENDED)


def _approver(one: AccountStatus) -> str:
    """Whose decision a release carries out."""
    return one.decision_line["by"] if one.decision_line else one.ready.get("approved_by", "") if one.ready else ""


def _report(row: FileRow) -> FileRow:
    return {"account": row["account"], "account_id": row["account_id"], "file": row["file"], "sha256": row["sha256"]}
