"""What ready/ has after a release: which reports come in, go out, get another name or stay, and where their bytes are.

`release.py` says which accounts are released; `exports/home/publish.py` changes ready/ in one step.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from exports.home import ready
from exports.home.layout import reports_folder
from exports.home.publish import publish
from exports.home.status import AccountStatus, RunStatus
from schemas.manifest import ReadyRow, ReportRow


def publish_chosen(state: RunStatus, chosen: Sequence[AccountStatus], by: str, reason: str, now: datetime) -> None:
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


def restore(state: RunStatus, now: datetime) -> int:
    """Restore reports that were altered in ready/; returns how many."""
    altered = ready.altered(state.home)
    if altered:
        publish_chosen(state, (), "", "", now)
    return len(altered)


# ----------------------------------------------------------------------------------------------------------------------


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


def _approver(one: AccountStatus) -> str:
    """Whose decision a release carries out."""
    return one.decision_line["by"] if one.decision_line else one.ready.get("approved_by", "") if one.ready else ""
