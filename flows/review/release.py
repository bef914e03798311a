"""Releasing: what is approved of a run becomes ready to be sent, in one step.

Here it is told which reports come in, go out, take another name or stay. How ready/ changes without ever being half
done is told in `exports/home/ready.py`, who decides and how in `flows/review/decide.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from exports.home import ledger, ready
from exports.home.layout import Home, reports_folder
from exports.home.status import AccountStatus, RunStatus, run_status
from schemas.errors import NotAllowed


class Report(TypedDict):
    """A report that came into ready/ or went out of it."""

    account: str
    account_id: str | None
    file: str
    sha256: str


class Release(TypedDict):
    """What a release did, and how many accounts of the run still wait."""

    run: str
    released: list[Report]
    removed: list[Report]
    waiting: int
    ready_dir: str


def release(home: Home, run: str = "latest", *, by: str = "", now: datetime) -> Release:
    """Put the approved reports of a run into ready/, in one step; the others there stay as they are.

    by: who releases, as the ledger has it; whoever approved if nobody is named. What somebody altered or removed in
    ready/ becomes again what was approved, also if nothing can be released.

    Raises NotAllowed, and releases nothing, if nothing is approved and something waits, if staged bytes are gone or
    are not those approved, or if two accounts would share a file name.
    """
    with ready.writing(home):
        state = run_status(home, home.manifest(run))
        waiting = len(state.missing)
        approved = [one for one in state.accounts if one.decision == "approved"]
        renamed = [one for one in state.accounts if _is_renamed(one, state.run)]
        if not approved and waiting and not _released_before(home, state.run):
            if altered := ready.altered(home):
                _publish(state, (), (), by, now)
            restored = f" {len(altered)} altered in ready/ are again what was approved." if altered else ""
            raise NotAllowed(
                f"Nothing of run {state.run} is approved.{restored} "
                f"Waiting for a decision: {waiting} of {len(state.accounts)} accounts. "
                f"See them with: partner-certs review {state.run}"
            )
        moved = [*(one for one in approved if one.report), *renamed]
        removed = [one.ready for one in approved if one.ready and not one.report]
        if moved or removed or ready.altered(home):
            _publish(state, approved, renamed, by, now)
        return {
            "run": state.run,
            "released": [_report(one.report) for one in moved if one.report],
            "removed": [_report(row) for row in removed],
            "waiting": waiting,
            "ready_dir": str(home.ready),
        }


def _is_renamed(one: AccountStatus, run: str) -> bool:
    """Whether equal bytes of the same account have a newer name or file name than in ready/; run ids sort by time.

    An account that was known by its name takes the id that it has now; one that has an id keeps it.
    """
    if one.change != "unchanged" or one.report is None or one.ready is None or run <= one.ready["run"]:
        return False
    now, before = ([row[key] for key in ("account", "account_id", "file")] for row in (one.report, one.ready))
    return one.ready["account_id"] in (None, one.account_id) and now != before


def _released_before(home: Home, run: str) -> bool:
    return any(line["what"] == "release" and line["run"] == run for line in ledger.read(home))


def _publish(
    state: RunStatus,
    approved: Sequence[AccountStatus],
    renamed: Sequence[AccountStatus],
    by: str,
    now: datetime,
) -> None:
    """Make the new ready/: approved reports come in, gone ones go out, renamed ones take their name, others stay."""
    run = state.run
    replaced = {str(one.ready["file"]) for one in (*approved, *renamed) if one.ready}
    rows = [row for row in (ready.rows_of(state.ready) if state.ready else []) if row["file"] not in replaced]
    sources = {str(row["file"]): _kept(state, row) for row in rows}
    for one in renamed:
        if one.report and one.ready:
            names = {key: one.report[key] for key in ("account", "account_id", "file")}
            rows.append({**one.ready, **names, "run": run})
            sources[one.report["file"]] = _kept(state, one.ready)
    for one in approved:
        if one.report and one.decision_line:
            rows.append(
                {
                    **one.report,
                    "run": run,
                    "approved_by": one.decision_line["by"],
                    "approved_at": one.decision_line["at"],
                }
            )
            sources[one.report["file"]] = reports_folder(state.home, run) / one.report["file"]
    lines = [one.line_of("release", run, by or _approver(one), "", now) for one in (*approved, *renamed)]
    ready.publish(state.home, sorted(rows, key=lambda row: str(row["file"])), sources, lines)


def _kept(state: RunStatus, row: Mapping[str, Any]) -> Path:
    """Where a report that stays has its bytes: in ready/, or, if somebody altered or removed it there, in a run."""
    wanted = state.ready / str(row["file"]) if state.ready else Path(row["file"])
    if ready.is_intact(wanted, row):
        return wanted
    same = [one.report["file"] for one in state.accounts if one.report and one.report["sha256"] == row["sha256"]]
    elsewhere = [
        reports_folder(state.home, row["run"]) / str(row["file"]),
        *(reports_folder(state.home, state.run) / str(file) for file in same),
    ]
    return next((path for path in elsewhere if ready.is_intact(path, row)), wanted)


def _approver(one: AccountStatus) -> str:
    """Whose decision a release carries out."""
    return one.decision_line["by"] if one.decision_line else str((one.ready or {}).get("approved_by", ""))


def _report(row: Mapping[str, Any]) -> Report:
    return {"account": row["account"], "account_id": row["account_id"], "file": row["file"], "sha256": row["sha256"]}
