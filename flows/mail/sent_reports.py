"""Finds the reports in a sent mail, and what is wrong with them: recipients who may not have them, bytes that were
never released, reports that were out of date. An alarm is repeated until somebody acknowledges it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from exports.home import ledger, ready, sent
from exports.home.layout import Home
from exports.home.ledger import Key, Line
from exports.mail.sent_mail import Part, SentMail
from exports.reports.rows import people
from flows.mail.accounts import Row
from flows.mail.attachments import PREFIX, slug
from flows.mail.book import keys
from flows.mail.once_ready import OnceReady, hash_of, report_in
from flows.mail.recipients import Doubt, Recipients
from schemas.addresses import domain_of
from schemas.addresses import key as address_key
from schemas.webmail import is_webmail

Marked = tuple[Key, str | None]  # an account, and the hash of its report


class Alarm(TypedDict):
    """Something that is wrong with a mail; the account may be ""."""

    why: str
    account: str
    to: list[str]
    message_id: str


class SentReports:
    """Checks mails against the ledger and one resolved ready/. Make it with the home's lock held."""

    def __init__(self, home: Home) -> None:
        lines = ledger.read(home)
        folder = ready.current(home)
        rows = ready.rows_of(folder) if folder else []
        self._once_ready, self._record = OnceReady(lines), sent.records(home)
        self._seen = [line["message_id"] for line in lines if line["what"] == "ack"]
        self._rows: Mapping[Key, Row] = {name: row for row in rows for name in keys(row)[:1]}
        self._names = {name: row["account"] for row in rows for name in (row["file"][:-4], f"{PREFIX}_{slug(row)}")}
        self._recipients = Recipients(home, folder, rows)

    def judge(self, mail: SentMail) -> tuple[list[Line], list[Alarm]]:
        """A line for the ledger for each report in a mail, and the alarms about it that nobody has acknowledged."""
        reports: dict[Marked, tuple[Line, list[Part]]] = {}
        unknown = []
        for part in mail.parts:
            if lines := self._once_ready.find(part.data):
                line = lines[0] if len(lines) == 1 else self._likeliest(lines, mail, part)
                reports.setdefault(_marked(line), (line, []))[1].append(part)
            elif part.name.casefold().startswith(PREFIX):
                unknown.append(part)
        alarms = [*self._of_reports(mail, [*reports.values()]), *self._of_unknown(mail, unknown)]
        is_acknowledged = alarms and any(sent.is_same_mail(one, mail.message_id) for one in self._seen)
        return [_line(mail, line, parts) for line, parts in reports.values()], [] if is_acknowledged else alarms

    def _likeliest(self, lines: Sequence[Line], mail: SentMail, part: Part) -> Line:
        """Of several accounts with the same report, the one whose people the mail went to."""
        return min(lines, key=lambda line: len(self._doubts(mail, line, part)))

    def _of_reports(self, mail: SentMail, reports: Sequence[tuple[Line, list[Part]]]) -> Iterator[Alarm]:
        for line, parts in reports:
            for doubt in self._doubts(mail, line, parts[0]):
                yield _alarm(
                    mail, f"The report of {line['account']} went out, and {doubt.why}", line["account"], [doubt.address]
                )
            if replaced := self._replaced(mail, line):
                why = f"The report of {line['account']} was out of date: it had been replaced on {replaced}"
                yield _alarm(mail, why, line["account"], mail.to)

    def _of_unknown(self, mail: SentMail, parts: Sequence[Part]) -> Iterator[Alarm]:
        for part in parts:
            account = self._names.get(_DAY.sub("", part.name.casefold()), "")
            yield _alarm(mail, f"The attachment {part.name} has bytes that were never released", account, mail.to)

    def _doubts(self, mail: SentMail, line: Line, part: Part) -> list[Doubt]:
        """The recipients of the kinds `elsewhere` and `near` whom nobody let through."""
        account = line["account"], line["account_id"]
        row = self._rows.get(ledger.key(*account)) or {"account": account[0], "account_id": account[1]}
        confirmed = self._record(*account).confirmed
        if not self._recipients.doubted(row, mail.to, b"", confirmed):
            return []
        report = report_in(part.data, line["sha256"])
        doubts = self._recipients.doubted(row, mail.to, report, confirmed)
        return [doubt for doubt in doubts if doubt.kind != "new" and not self._was_right(doubt, report)]

    def _was_right(self, doubt: Doubt, report: bytes) -> bool:
        """Whether the address, or its domain if nobody else has the address, was the account's then."""
        emails = {address_key(person.get("Email", "")) for person in people(report)} if report else set()
        domain = domain_of(doubt.address)
        is_of_domain = not is_webmail(domain) and domain in map(domain_of, emails)
        return address_key(doubt.address) in emails or (is_of_domain and not self._recipients.of_address(doubt.address))

    def _replaced(self, mail: SentMail, line: Line) -> str:
        """When the report was replaced in ready/, or taken out, before the mail was sent; "" if it was not."""
        at = ledger.timestamp(mail.at)
        lines = self._record(line["account"], line["account_id"]).lines
        releases = [one for one in lines if one["what"] == "release" and one["at"] <= at]
        was_ready = any(one["sha256"] == line["sha256"] for one in releases)
        is_last = not was_ready or releases[-1]["sha256"] == line["sha256"]
        return "" if is_last else releases[-1]["at"]


# ---------------------------------------------------------------------------------------------------------------------

# The day, the number that programs add to a second file, and the suffix
_DAY = re.compile(r"(?:_\d{4}-\d\d-\d\d)?(?:[- ]?\(?\d+\)?)?\.\w+\Z")


def _marked(line: Line) -> Marked:
    return ledger.key(line["account"], line["account_id"]), line["sha256"]


def _line(mail: SentMail, line: Line, parts: Sequence[Part]) -> Line:
    hashes = [hash_of(part.data) for part in parts]
    noted = sent.line_of("sent", mail.at, line, by="") | {"to": [*mail.to], "message_id": mail.message_id}
    return noted | {"attachment_sha256": hashes[0], "attachments": hashes}


def _alarm(mail: SentMail, why: str, account: str, to: Sequence[str]) -> Alarm:
    return {"why": why, "account": account, "to": [*to], "message_id": mail.message_id}
