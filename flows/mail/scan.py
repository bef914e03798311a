"""Scans the Sent folder for reports, which prove by the hashes of attachments what went to whom.

Every report that was ready once is noted in the ledger, once per mail. The mailbox is not changed. A single mail is
checked in `sent_reports.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from exports.home import ledger, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.home.publish import writing
from exports.mail.access import Access
from exports.mail.mailbox import LARGEST, open_mailbox
from exports.mail.sent_mail import read_sent
from flows.mail.sent_reports import Alarm, SentReports
from schemas.addresses import key
from schemas.errors import WrongUsage
from schemas.words import plural


@dataclass
class Scan:
    """How many mails were read, the new lines of the ledger, alarms and notices."""

    scanned: int = 0
    sent: list[Line] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def scan(home: Home, access: Access, since: date | None = None) -> Scan:
    """Read the mails that were sent on a day (UTC) or later, note the reports in them, and return the alarms.

    Raises Unreachable, and notes nothing, if the mailbox can't be read to the end.
    """
    with writing(home):
        reports = SentReports(home)
    result = _read(reports, access, since)
    with writing(home):
        result.sent = _not_noted(home, result.sent)
        ledger.append(home, result.sent)
    return result


def acknowledge(home: Home, message_id: str, *, by: str, reason: str, now: datetime) -> Line:
    """Acknowledge the alarms about a mail, so that no scan repeats them."""
    if not message_id or not by or not reason:
        raise WrongUsage("Say which mail, who acknowledges its alarms, and why: --ack MESSAGE_ID --by WHO --reason WHY")
    with writing(home):
        mails = (line for line in ledger.read(home) if line["what"] == "sent" and "message_id" in line)
        known = next((line for line in mails if sent.is_same_mail(line["message_id"], message_id)), None)
        account = known or {"account": "", "account_id": None}
        line = sent.line_of("ack", now, account, by, reason)
        line["message_id"] = known["message_id"] if known else message_id
        ledger.append(home, [line])
    return line


# ---------------------------------------------------------------------------------------------------------------------


def _read(reports: SentReports, access: Access, since: date | None) -> Scan:
    """Read all mails, one at a time."""
    result, unread = Scan(), 0
    with open_mailbox(access) as mailbox:
        result.notices.extend(filter(None, [mailbox.folders("sent").notice]))
        for raw in mailbox.sent(since):
            mail = None if raw.data is None else read_sent(raw.data, raw.arrived)
            if mail is None:
                unread += 1
            elif since is None or mail.at.date() >= since:
                result.scanned += 1
                noted, alarms = reports.judge(mail)
                result.sent.extend(noted)
                result.alarms.extend(alarms)
    if unread:
        result.notices.append(
            f"{plural(unread, 'mail')} could not be read: broken, or larger than {LARGEST >> 20} MiB. "
            "Check them in the mailbox yourself"
        )
    return result


def _not_noted(home: Home, lines: Sequence[Line]) -> list[Line]:
    """The lines that the ledger does not have yet, each once; a mail may be in several folders."""
    noted = {_mark(line) for line in ledger.read(home) if line["what"] == "sent" and "message_id" in line}
    new = {_mark(line): line for line in lines}
    return [line for mark, line in new.items() if mark not in noted]


def _mark(line: Line) -> tuple[object, ...]:
    """The key of a report in a mail; a message id may occur twice."""
    account = ledger.key(line["account"], line["account_id"])
    return line["message_id"], account, line["sha256"], frozenset(map(key, line["to"]))
