"""The Sent folder as proof: what went to whom, by the hashes of attachments.

Every report that was ready once is noted in the ledger, each mail once. Nothing in the mailbox is changed. What one
mail gives is in `sent_reports.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from exports.home import ledger, ready, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.mail.access import Access
from exports.mail.mailbox import LARGEST, open_mailbox
from exports.mail.sent_mail import read_sent
from flows.mail.sent_reports import Alarm, SentReports
from schemas.addresses import key
from schemas.errors import WrongUsage
from schemas.words import plural


@dataclass
class Scan:
    """How many mails were read, the lines that came into the ledger, the alarms, and what a person should know."""

    scanned: int = 0
    sent: list[Line] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def scan(home: Home, access: Access, since: date | None = None) -> Scan:
    """Read the mails that were sent on a day (UTC) or later, note the reports among them, and give the alarms.

    Raises Unreachable, and notes nothing, if the mailbox can't be read to its end.
    """
    with ready.writing(home):
        reports = SentReports(home)
    result = _read(reports, access, since)
    with ready.writing(home):
        result.sent = _not_noted(home, result.sent)
        ledger.append(home, result.sent)
    return result


def acknowledge(home: Home, message_id: str, *, by: str, reason: str, now: datetime) -> Line:
    """Note that somebody has seen the alarms about a mail: no scan repeats them."""
    if not message_id or not by or not reason:
        raise WrongUsage(
            "Say which mail, who has seen its alarms, and why they are well: --ack ID --by WHO --reason WHY"
        )
    with ready.writing(home):
        mails = (line for line in ledger.read(home) if line["what"] == "sent" and "message_id" in line)
        known = next((line for line in mails if sent.is_same_mail(line["message_id"], message_id)), None)
        account = known or {"account": "", "account_id": None}
        line = sent.line_of("ack", now, account, by, reason)
        line["message_id"] = known["message_id"] if known else message_id
        ledger.append(home, [line])
    return line


# ---------------------------------------------------------------------------------------------------------------------


def _read(reports: SentReports, access: Access, since: date | None) -> Scan:
    """All mails in turn; none of them is kept."""
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
            "Look for reports in the mailbox yourself"
        )
    return result


def _not_noted(home: Home, lines: Sequence[Line]) -> list[Line]:
    """Those that the ledger does not have yet, each once; a mail may lie in several folders."""
    noted = {_mark(line) for line in ledger.read(home) if line["what"] == "sent" and "message_id" in line}
    new = {_mark(line): line for line in lines}
    return [line for mark, line in new.items() if mark not in noted]


def _mark(line: Line) -> tuple[object, ...]:
    """The key of a report in a mail; ids alone may be used twice."""
    account = ledger.key(line["account"], line["account_id"])
    return line["message_id"], account, line["sha256"], frozenset(map(key, line["to"]))
