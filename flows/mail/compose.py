"""One account's draft: recipients judged, attachments made, texts written; or the reason why there is none."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache, partial
from typing import NamedTuple

from exports.home import ledger, ready, sent, tiers
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.home.sent import Record
from exports.mail.draft import Attachment, Thread
from exports.mail.outlets import Draft
from exports.mail.reply import Asked
from exports.mail.texts import one_line
from exports.reports.rows import people
from flows.mail.accounts import Row, find_row, is_ready, not_ready, report_bytes
from flows.mail.attachments import attach
from flows.mail.book import FILES, Contact, book, keys, texts
from flows.mail.earlier import Earlier
from flows.mail.recipients import Doubt, Recipients
from schemas.addresses import key
from schemas.columns import COLUMNS, COURSES, MARKS
from schemas.contacts import ATTACH, Attach
from schemas.errors import NoSuchAccount, NotAllowed, WrongUsage
from schemas.faults import Fault
from schemas.names import SHOWN, with_ids
from schemas.profiles import PROFILES, Profile
from transforms.counted_changes import count_changes
from transforms.tiers import tier_status

FEW = 20  # accounts whose lines are looked for in the ledger one by one; more are read all at once


@dataclass(frozen=True)
class Request:
    """What is asked for: the accounts of these names, or all that are ready (`every`), or those of them whose bytes
    were neither drafted nor sent (`changed`). What else is asked for stands over the contacts."""

    names: Sequence[str] = ()
    every: bool = False
    changed: bool = False
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    attach: Attach | None = None
    language: str | None = None
    reply: Asked | None = None
    confirm: Sequence[str] = ()  # recipients that are new
    by: str = ""
    again: bool = False
    no_to: bool = False  # then nobody is written to, and a draft without recipients is made
    sender: str = ""


class Refused(NamedTuple):
    """An account that gets no draft. `why` is for the asking person, `plain` has no addresses; `new` are the recipients
    if nothing but a confirmation of them is missing."""

    row: Row
    to: Sequence[str]
    why: str
    plain: str
    new: Sequence[str] = ()


class Composed(NamedTuple):
    """A draft, and those of its recipients who are new and were confirmed for it."""

    draft: Draft
    confirmed: Sequence[str]


class Already(NamedTuple):
    """An account whose same bytes were drafted for, or sent to, the same recipients: the line of the ledger."""

    row: Row
    line: Line


class Composer:
    """All that drafts are made from, at one moment. Make it as the writer of the home."""

    def __init__(self, home: Home, request: Request) -> None:
        self._home, self._request = home, request
        self._folder = ready.current(home)
        self._rows: Sequence[Row] = ready.rows_of(self._folder) if self._folder else []
        self._book = book(home, self._rows)
        self._texts = texts(home)
        self._tiers, self._given = tiers.read(home), tiers.read_given(home)
        self._recipients = Recipients(home, self._folder, self._rows)
        self._earlier = Earlier(home)
        self._record = _records(home, request)
        _refuse_language(request.language, self._texts.languages)

    @property
    def names(self) -> Sequence[str]:
        """Of all accounts that are ready."""
        return [row["account"] for row in self._rows]

    def accounts(self) -> Sequence[Row]:
        """The accounts that are asked for, each once. Raises NoSuchAccount."""
        if self._request.changed:
            return [row for row in self._rows if not self._record(row).mailed(row["sha256"])]
        if self._request.every:
            return self._rows
        if self._request.reply and not self._request.names:
            return [self._of_sender(self._request.reply.to)]
        rows = [find_row(self._home, self._rows, name) for name in self._request.names]
        return list({ledger.key(row["account"], row["account_id"]): row for row in rows}.values())

    def compose(self, row: Row) -> Composed | Refused | Already:
        """The draft of an account, or why there is none."""
        if self._folder is None or not is_ready(row):
            return _refused(row, (), not_ready(row))
        contact, faults = self._book.contact(row)
        to = self._to(contact)
        if faults:
            file = FILES[contact["source"]]
            return Refused(row, to, _of_faults(file, faults), _of_faults(file, faults, found=False))
        try:
            report = report_bytes(self._folder, row)
            attachments = self._attachments(row, contact, report)
        except NotAllowed as refused:
            return _refused(row, to, str(refused))
        if not to and not self._request.no_to:
            return Refused(row, to, f"{_NOBODY}{_candidates(report)}. {_SAY_WHO}", f"{_NOBODY}. {_SAY_WHO}")
        doubted = self._recipients.doubted(row, to, report, self._record(row).confirmed)
        confirmed = [doubt.address for doubt in doubted if self._is_confirmed(doubt)]
        if len(confirmed) < len(doubted):
            return _of_doubts(row, to, [doubt for doubt in doubted if doubt.address not in confirmed])
        if not self._request.again and (line := self._line_before(row, to, attachments)):
            return Already(row, line)
        return Composed(self._draft(row, contact, to, report, attachments), confirmed)

    def _of_sender(self, senders: Sequence[str]) -> Row:
        """The one account that somebody who wrote a mail belongs to. Raises NoSuchAccount if that is not clear."""
        by_address = {place for sender in senders for place in self._holders(sender)}
        by_domain = {place for sender in senders for place in self._recipients.of_domain(sender)}
        places = sorted(by_address or by_domain)
        if len(places) == 1:
            return self._rows[places[0]]
        rows = [(self._rows[place]["account"], self._rows[place]["account_id"]) for place in places]
        several = f"may be of {len(rows)} accounts: {with_ids(rows)}" if rows else "is of no account that is ready"
        raise NoSuchAccount(f"Who wrote the mail {several}. Name the account: partner-certs draft NAME --reply-to ...")

    def _holders(self, sender: str) -> list[int]:
        """The accounts that have a person or a contact with this address."""
        contacts = self._book.holders(key(sender))
        named = [place for place, row in enumerate(self._rows) if contacts.intersection(keys(row))] if contacts else []
        return [*self._recipients.of_address(sender), *named]

    def _is_confirmed(self, doubt: Doubt) -> bool:
        return doubt.kind == "new" and key(doubt.address) in map(key, self._request.confirm)

    def _to(self, contact: Contact) -> Sequence[str]:
        if self._request.no_to:
            return ()
        answered = self._request.reply.to if self._request.reply else ()
        return self._request.to or answered or contact["to"]

    def _day(self, row: Row) -> str:
        """The day of the release, ISO, UTC."""
        released = self._record(row).released(row["sha256"]) or row["approved_at"]
        return str(released)[:10]

    def _attachments(self, row: Row, contact: Contact, report: bytes) -> Sequence[Attachment]:
        kind = self._request.attach or _ATTACH[contact["attach"]]
        profile = _PROFILES[contact["profile"]] if contact["profile"] else None
        return attach(row, self._day(row), report, kind, profile)

    def _line_before(self, row: Row, to: Sequence[str], attachments: Sequence[Attachment]) -> Line | None:
        """The line of a mail with the same bytes to the same recipients, or to nobody if there are none."""
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
        facts = {
            "account": one_line(row["account"]),
            "day": day,
            "people": row["rows"],
            "attachments": [one.name for one in attachments],
            "changes": self._changes(row, report, language),
            "tiers": self._tiers_sentence(row, report, language),
            "sender": _name(self._request.sender),
        }
        text = self._texts.mail(language, facts)
        if reply:
            text = text._replace(subject=reply.subject)
        name = f"{row['file'].removesuffix('.csv')}_{day}"
        cc = self._request.cc or contact["cc"]
        return Draft(name, text, to, cc, self._request.sender, attachments, reply.thread if reply else Thread())

    def _changes(self, row: Row, report: bytes, language: str) -> str:
        """One sentence about what changed since the partner's last report; "" if there was none, or if it is gone."""
        line = self._record(row).before(row["sha256"])
        path = line and self._earlier.find(line["run"], line["sha256"] or "", row["file"])
        if not path:
            return ""
        counts = count_changes(people(path.read_bytes()), people(report))
        return self._texts.sentence("changes", language, counts._asdict())

    def _tiers_sentence(self, row: Row, report: bytes, language: str) -> str:
        """One sentence about the tier and what is missing for the next one; "" if the team has no tiers.csv."""
        if not self._tiers:
            return ""
        marked = (course for person in people(report) for course in COURSES if person.get(course) == MARKS["True"])
        status = tier_status(self._tiers, Counter(marked), self._given.get(row["account_id"] or ""))
        return self._texts.sentence("tiers", language, status._asdict() | {"lacks": [*status.lacks.items()]})


# ---------------------------------------------------------------------------------------------------------------------

_NOBODY = "Nobody is named who gets the report"
_SAY_WHO = "Say who: partner-certs contacts set, or --to ADDRESS, or --no-to for a draft without a recipient"
_ADMINISTRATOR = COLUMNS[9].heading
_ATTACH: dict[str, Attach] = {name: name for name in ATTACH}
_PROFILES: dict[str, Profile] = {name: name for name in PROFILES}


def _records(home: Home, request: Request) -> Callable[[Row], Record]:
    """What the ledger has about an account, asked for each only once."""
    few = request.names and len(request.names) <= FEW
    of_account = partial(sent.record, home) if few else sent.records(home)
    known = cache(of_account)
    return lambda row: known(row["account"], row["account_id"])


def _refuse_language(language: str | None, known: Sequence[str]) -> None:
    if language is not None and language not in known:
        raise WrongUsage(f"There are no texts in the language {language!r}. Name one of {', '.join(known)}")


def _refused(row: Row, to: Sequence[str], why: str) -> Refused:
    return Refused(row, to, why, why)


def _of_doubts(row: Row, to: Sequence[str], doubts: Sequence[Doubt]) -> Refused:
    new = [doubt.address for doubt in doubts if doubt.kind == "new"]
    why, plain = (" ".join(words) for words in zip(*((doubt.why, doubt.plain) for doubt in doubts), strict=True))
    return Refused(row, to, why, plain, new if len(new) == len(doubts) else ())


def _of_faults(file: str, faults: Sequence[Fault], *, found: bool = True) -> str:
    return " ".join(
        f"{file}, row {fault.row}, column {fault.column}: {fault.rule}."
        + (f" Found: {fault.found!r}." if found else "")
        + f" {fault.remedy}."
        for fault in faults
    )


def _candidates(report: bytes) -> str:
    """The account's administrators, who may be right."""
    administrators = [one for one in people(report) if one.get(_ADMINISTRATOR)]
    shown = ", ".join(f"{one['Full Name']} <{one['Email']}>" for one in administrators[:SHOWN])
    return f"; its administrators are {shown}" if shown else ""


def _name(sender: str) -> str:
    """How a mail is signed: the name before the address, else the address."""
    name, address = parseaddr(sender)
    return one_line(name) or address
