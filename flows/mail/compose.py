"""Composes the draft of one account: its recipients are checked, attachments made, texts written; or it is refused.

The words of refusals are in `refusals.py`, those of mails in `mail_text.py`.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial

from exports.home import ledger, ready, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.home.sent import Record
from exports.mail.draft import Attachment, Thread
from exports.mail.outlets import Draft
from flows.mail.accounts import Row, find_row, is_ready, not_ready, report_bytes
from flows.mail.attachments import attach
from flows.mail.book import FILES, Contact, book
from flows.mail.mail_text import MailTexts
from flows.mail.recipients import Doubt, Recipients
from flows.mail.refusals import doubtful, faulty_contact, refused, without_recipient
from flows.mail.request import Already, Composed, Refused, Request
from flows.mail.sender import account_of
from schemas.addresses import key
from schemas.contacts import ATTACH, Attach
from schemas.errors import NotAllowed, WrongUsage
from schemas.profiles import PROFILES, Profile

FEW = 20  # accounts whose lines are searched in the ledger one by one; for more, all of it is read


class Composer:
    """Everything that drafts are made from, at one moment. Make it with the home's lock held."""

    def __init__(self, home: Home, request: Request) -> None:
        self._home, self._request = home, request
        self._folder = ready.current(home)
        self._rows: Sequence[Row] = ready.rows_of(self._folder) if self._folder else []
        self._book = book(home, self._rows)
        self._texts = MailTexts(home, request.sender)
        self._recipients = Recipients(home, self._folder, self._rows)
        self._record = _records(home, request)
        _refuse_language(request.language, self._texts.languages)

    @property
    def names(self) -> Sequence[str]:
        """The names of all ready accounts."""
        return [row["account"] for row in self._rows]

    def accounts(self) -> Sequence[Row]:
        """The requested accounts, each once. Raises NoSuchAccount."""
        if self._request.changed:
            return [row for row in self._rows if not self._record(row).mailed(row["sha256"])]
        if self._request.every:
            return self._rows
        if self._request.reply and not self._request.names:
            return [account_of(self._request.reply.to, self._rows, self._book, self._recipients)]
        rows = [find_row(self._home, self._rows, name) for name in self._request.names]
        return list({ledger.key(row["account"], row["account_id"]): row for row in rows}.values())

    def compose(self, row: Row) -> Composed | Refused | Already:
        """The draft of an account, or why there is none."""
        if self._folder is None or not is_ready(row):
            return refused(row, (), not_ready(row))
        contact, faults = self._book.contact(row)
        to = self._to(contact)
        if faults:
            return faulty_contact(row, to, FILES[contact["source"]], faults)
        try:
            report = report_bytes(self._folder, row)
            attachments = self._attachments(row, contact, report)
        except NotAllowed as refusal:
            return refused(row, to, str(refusal))
        if not to and not self._request.no_to:
            return without_recipient(row, report)
        doubted = self._recipients.doubted(row, to, report, self._record(row).confirmed)
        confirmed = [doubt.address for doubt in doubted if self._is_confirmed(doubt)]
        if len(confirmed) < len(doubted):
            return doubtful(row, to, [doubt for doubt in doubted if doubt.address not in confirmed])
        if not self._request.again and (line := self._line_before(row, to, attachments)):
            return Already(row, line)
        return Composed(self._draft(row, contact, to, report, attachments), confirmed)

    def _is_confirmed(self, doubt: Doubt) -> bool:
        return doubt.kind == "new" and key(doubt.address) in map(key, self._request.confirm)

    def _to(self, contact: Contact) -> Sequence[str]:
        if self._request.no_to:
            return ()
        answered = self._request.reply.to if self._request.reply else ()
        return self._request.to or answered or contact["to"]

    def _day(self, row: Row) -> str:
        """The day of the release (UTC), ISO."""
        released = self._record(row).released(row["sha256"]) or row["approved_at"]
        return str(released)[:10]

    def _attachments(self, row: Row, contact: Contact, report: bytes) -> Sequence[Attachment]:
        kind = self._request.attach or _ATTACH[contact["attach"]]
        profile = _PROFILES[contact["profile"]] if contact["profile"] else None
        return attach(row, self._day(row), report, kind, profile)

    def _line_before(self, row: Row, to: Sequence[str], attachments: Sequence[Attachment]) -> Line | None:
        """The ledger's line of a mail with the same bytes to the same recipients (or also without any)."""
        hashes, recipients = {one.sha256 for one in attachments}, set(map(key, to))
        for line in self._record(row).mailed(row["sha256"]):
            mailed = set(line.get("attachments") or [line.get("attachment_sha256", "")]) - {""}
            written_to = set(map(key, line.get("to", ())))
            if bool(recipients) == bool(written_to) and recipients <= written_to and (not mailed or hashes == mailed):
                return line
        return None

    def _draft(
        self, row: Row, contact: Contact, to: Sequence[str], report: bytes, attachments: Sequence[Attachment]
    ) -> Draft:
        day, reply = self._day(row), self._request.reply
        language = self._request.language or contact["language"]
        text = self._texts.write(row, self._record(row), report, day, attachments, language)
        if reply:
            text = text._replace(subject=reply.subject)
        name = f"{row['file'].removesuffix('.csv')}_{day}"
        cc = self._request.cc or contact["cc"]
        return Draft(name, text, to, cc, self._request.sender, attachments, reply.thread if reply else Thread())


# ---------------------------------------------------------------------------------------------------------------------

_ATTACH: dict[str, Attach] = {name: name for name in ATTACH}
_PROFILES: dict[str, Profile] = {name: name for name in PROFILES}


def _records(home: Home, request: Request) -> Callable[[Row], Record]:
    """A function that reads the ledger's record of an account, each only once."""
    few = request.names and len(request.names) <= FEW
    of_account = partial(sent.record, home) if few else sent.records(home)
    known = cache(of_account)
    return lambda row: known(row["account"], row["account_id"])


def _refuse_language(language: str | None, known: Sequence[str]) -> None:
    if language is not None and language not in known:
        raise WrongUsage(f"There are no texts in the language {language!r}. Choose one of {', '.join(known)}")
