"""The status of each account of a run: how it compares with ready/, and what was decided.

Reads manifests and the ledger only, no reports: hashes show which bytes are equal. `matching.py` finds the ready report
of each account, `transforms/changes.py` what changed inside a report; `flows/review/build.py` puts the review together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from exports.home import ledger, ready
from exports.home.decisions import Subject, in_force
from exports.home.layout import Home
from exports.home.matching import change_of, former_name, match
from schemas.manifest import HeldRow, Manifest, ReadyRow, ReportRow
from schemas.names import fold
from schemas.review import Change, Decision

_NEEDS_NO_DECISION = ("unchanged", "held")
_DECIDED: Mapping[str, Decision] = {"approve": "approved", "hold": "held", "reject": "rejected"}


class AccountStatus(NamedTuple):
    """One account. `report` is its row of the run's manifest (None if held or gone), `ready` its row of ready/'s."""

    account: str
    account_id: str | None
    change: Change
    report: ReportRow | None
    ready: ReadyRow | None
    held: HeldRow | None = None
    decision_line: ledger.Line | None = None  # the decision in force

    @property
    def decision(self) -> Decision:
        """What was decided; unchanged and held accounts need no decision."""
        if self.change in _NEEDS_NO_DECISION:
            return "not needed"
        return _DECIDED[self.decision_line["what"]] if self.decision_line else "missing"

    @property
    def renamed_from(self) -> str | None:
        """The name in ready/, if it has another one now."""
        return former_name(self.report, self.ready) if self.report else None

    @property
    def sha256(self) -> str | None:
        """The hash of the report in this run; None if held or gone."""
        return self.report["sha256"] if self.report else None

    @property
    def before(self) -> str | None:
        """The hash of the ready report; None if there is none."""
        return self.ready["sha256"] if self.ready else None

    @property
    def subject(self) -> Subject:
        """What a decision about this account is about."""
        return Subject(ledger.key(self.account, self.account_id), self.sha256)

    def decided(self, decision_line: ledger.Line | None) -> "AccountStatus":
        """The same account with this decision in force, if it needs one.

        An approval of the same bytes under another name does not count for the new name, which is not in the bytes.
        """
        if self.decision == "not needed":
            return self
        if decision_line and decision_line["what"] == "approve" and self.renamed_from:
            of_this_name = fold(decision_line["account"]) == fold(self.account)
            return self._replace(decision_line=decision_line if of_this_name else None)
        return self._replace(decision_line=decision_line)

    def line_of(self, what: ledger.What, run: str, by: str, reason: str, now: datetime) -> ledger.Line:
        """A ledger line about this account in a run."""
        return {
            "at": ledger.timestamp(now),
            "what": what,
            "run": run,
            "account": self.account,
            "account_id": self.account_id,
            "sha256": self.sha256,
            "by": by,
            "reason": reason,
        }


@dataclass(frozen=True)
class RunStatus:
    """A run at one moment: its manifest and folder, the status of each account, and the resolved folder of ready/.

    Later releases change nothing here.
    """

    home: Home
    manifest: Manifest
    run_folder: Path
    accounts: Sequence[AccountStatus]
    ready: Path | None
    newer: str | None = None  # the newest nightly run, if it finished after this one

    @property
    def run(self) -> str:
        """The run's id."""
        return str(self.manifest["run"])

    @property
    def missing(self) -> list[AccountStatus]:
        """The accounts that need a decision and have none."""
        # the same as `decision == "missing"`, in a third of the time
        return [one for one in self.accounts if one.decision_line is None and one.change not in _NEEDS_NO_DECISION]

    def only(self, accounts: Sequence[AccountStatus]) -> "RunStatus":
        """The same status, of these accounts only."""
        return replace(self, accounts=accounts)


def run_status(home: Home, manifest: Manifest, run_folder: Path | None = None) -> RunStatus:
    """The current status of a run. run_folder: where it is while it is still staged."""
    now = ready.current(home)
    accounts = account_statuses(home, manifest, ready.rows_of(now) if now else [])
    newer = None if run_folder else home.newer_nightly(manifest["run"])
    return RunStatus(home, manifest, run_folder or home.runs / manifest["run"], accounts, now, newer)


def account_statuses(home: Home, manifest: Manifest, rows: Sequence[ReadyRow]) -> list[AccountStatus]:
    """Every account of the run, in the manifest's order, then the held ones, then the gone ones.

    rows: the ready reports (`ready.rows`).
    """
    reports, held = manifest["reports"], manifest["held"]
    before = match([*reports, *held], rows)
    statuses = [_of_report(report, before[place]) for place, report in enumerate(reports)]
    for place, account in enumerate(held, start=len(reports)):
        statuses.append(
            AccountStatus(account["account"], account["account_id"], "held", None, before[place], held=account)
        )
    if manifest["kind"] == "nightly":  # a run of one account says nothing about the others
        seen = {id(row) for row in before if row is not None}
        gone = [row for row in rows if id(row) not in seen]
        statuses += [AccountStatus(row["account"], row["account_id"], "gone", None, row) for row in gone]
    return _decided(home, manifest["run"], statuses)


# ----------------------------------------------------------------------------------------------------------------------


def _of_report(report: ReportRow, before: ReadyRow | None) -> AccountStatus:
    return AccountStatus(report["account"], report["account_id"], change_of(report, before), report, before)


def _decided(home: Home, run: str, statuses: list[AccountStatus]) -> list[AccountStatus]:
    """The same with the decisions in force. If nothing changed, the ledger is not even read."""
    if all(one.decision == "not needed" for one in statuses):
        return statuses
    lines = in_force(ledger.read(home), run)
    if not lines:
        return statuses
    return [one.decided(lines.get(one.subject)) for one in statuses]
