"""What went to partners: the ledger's lines about mail, and what they say about one account.

- `drafted`: a mail with the report was drafted for a person to send; `to` are its recipients.
- `sent`: it was sent, recorded by somebody (`by`) or proved by the Sent folder (then it has a `message_id`).
- `contact`: somebody named or confirmed recipients; `confirmed`: they are let through from then on.
- `ack`: somebody has seen the alarms about a sent mail.

`sha256` is the report's. A mail may contain the same cells in other bytes (the other profile, a workbook):
`attachment_sha256` is that of its first attachment, `attachments` has those of all if there are several.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal

from exports.home import ledger
from exports.home.layout import Home
from exports.home.ledger import Key, Line
from schemas.addresses import key as address_key

Mail = Literal["drafted", "sent", "contact", "ack"]
MAILED = ("sent", "drafted")  # the more certain first


def line_of(what: Mail, at: datetime, row: Mapping[str, Any], by: str, reason: str = "") -> Line:
    """A line about an account, from its row of a manifest. The caller may add more keys."""
    return {
        "at": ledger.timestamp(at),
        "what": what,
        "run": row.get("run", ""),
        "account": row["account"],
        "account_id": row["account_id"],
        "sha256": row.get("sha256"),
        "by": by,
        "reason": reason,
    }


def is_same_mail(message_id: str, other: str) -> bool:
    """Whether two ids are of the same mail; people may type one without its angle brackets."""
    return message_id.strip(" <>") == other.strip(" <>")


@dataclass(frozen=True)
class Record:
    """The ledger's lines about one account, oldest first."""

    lines: Sequence[Line] = ()

    def released(self, sha256: str) -> str | None:
        """When these bytes last became ready; None if they never did."""
        return next((line["at"] for line in reversed(self.lines) if _is(line, "release", sha256)), None)

    def mailed(self, sha256: str) -> list[Line]:
        """The drafts and mails with these bytes."""
        return [line for line in self.lines if line["what"] in MAILED and line["sha256"] == sha256]

    @cached_property
    def confirmed(self) -> set[str]:
        """The addresses that somebody let through, as `addresses.key`."""
        lines = (line for line in self.lines if line["what"] == "contact" and line.get("confirmed"))
        return {address_key(address) for line in lines for address in line.get("to", ())}

    def before(self, sha256: str) -> Line | None:
        """The line of the report that the partner had before: the last other one sent, else drafted, else ready."""
        for what in (*MAILED, "release"):
            others = (line for line in reversed(self.lines) if line["what"] == what and line["sha256"])
            for line in others:
                if line["sha256"] != sha256:
                    return line
        return None


def record(home: Home, account: str, account_id: str | None) -> Record:
    """The record of one account, including lines from before it had an id."""
    parts = [ledger.part("account_id", account_id), ledger.part("account_id", None)]
    keys = {ledger.key(account, account_id), ledger.key(account, None)}
    return Record([line for line in ledger.read_some(home, *parts) if _key(line) in keys])


def records(home: Home) -> Callable[[str, str | None], Record]:
    """A function like `record` for many accounts, which reads the ledger once."""
    lines: dict[Key, list[tuple[int, Line]]] = defaultdict(list)
    for number, line in enumerate(ledger.read(home)):
        lines[_key(line)].append((number, line))

    def of_account(account: str, account_id: str | None) -> Record:
        known = [*lines.get(ledger.key(account, account_id), ())]
        if account_id:
            known += lines.get(ledger.key(account, None), ())
        return Record([line for _, line in sorted(known, key=itemgetter(0))])

    return of_account


# ---------------------------------------------------------------------------------------------------------------------


def _key(line: Line) -> Key:
    return ledger.key(line["account"], line["account_id"])


def _is(line: Line, what: str, sha256: str) -> bool:
    return line["what"] == what and line["sha256"] == sha256
