"""Which decision is in force: what the lines of the ledger mean together, for one account and the bytes of one report.

- `approve` and `reject` apply to these bytes in every run that has them. An approval (also of removing a gone account)
  ends with the account's next release, because it approved a change of what was ready then. A rejection of bytes stays.
- `hold` applies in its run only: "not now" says nothing about tomorrow.
- The last line about an account and its bytes counts; after `undo` there is no decision.

The decision to take a gone account out of ready/ has no bytes: its `sha256` is null. `ledger.py` reads and appends the
lines; `flows/review/decide.py` knows who may decide what.
"""

from collections.abc import Iterable
from typing import NamedTuple

from exports.home.ledger import Key, Line, key
from schemas.manifest import FileRow

_DECISIONS = {"approve", "hold", "reject"}


class Subject(NamedTuple):
    """What a decision is about: an account and the bytes of its report."""

    account: Key
    sha256: str | None


def subject_of(row: FileRow | Line) -> Subject:
    """What a decision about a report is about, or what a line of the ledger is about."""
    return Subject(key(row["account"], row["account_id"]), row["sha256"])


def in_force(lines: Iterable[Line], run: str) -> dict[Subject, Line]:
    """The decisions in force in a run, by their subject."""
    latest: dict[Key, dict[str | None, Line]] = {}
    for line in lines:
        of_account = latest.setdefault(key(line["account"], line["account_id"]), {})
        if line["what"] == "release":
            _end_approvals(of_account)
        elif line["what"] == "undo":
            of_account.pop(line["sha256"], None)
        elif line["what"] in _DECISIONS:
            of_account[line["sha256"]] = line
    return {
        Subject(account, sha256): line
        for account, decisions in latest.items()
        for sha256, line in decisions.items()
        if line["what"] != "hold" or line["run"] == run
    }


def approved_in(lines: Iterable[Line], run: str) -> dict[Subject, Line]:
    """What was last approved in a run, by its subject, even if a release has ended the approval since."""
    decided = (line for line in lines if line["run"] == run and (line["what"] in _DECISIONS or line["what"] == "undo"))
    last = {subject_of(line): line for line in decided}
    return {subject: line for subject, line in last.items() if line["what"] == "approve"}


# ----------------------------------------------------------------------------------------------------------------------


def _end_approvals(decisions: dict[str | None, Line]) -> None:
    for sha256, line in list(decisions.items()):
        if line["what"] != "reject" or sha256 is None:
            del decisions[sha256]
