"""Writes the texts of an account's mail: subject, text and HTML, with a sentence about changes and one about tiers."""

from collections import Counter
from collections.abc import Sequence
from email.utils import parseaddr

from exports.home import tiers
from exports.home.layout import Home
from exports.home.sent import Record
from exports.mail.draft import Attachment
from exports.mail.headers import decoded
from exports.mail.texts import Text, one_line
from exports.reports.rows import people
from flows.mail.accounts import Row
from flows.mail.book import texts
from flows.mail.earlier import Earlier
from schemas.columns import COURSES, MARKS
from transforms.counted_changes import count_changes
from transforms.tiers import tier_status


class MailTexts:
    """Renders the home's templates, with its tiers and earlier reports. sender: `Name <address>`, an address, or ""."""

    def __init__(self, home: Home, sender: str) -> None:
        self._texts, self._sender = texts(home), sender
        self._tiers, self._given = tiers.read(home), tiers.read_given(home)
        self._earlier = Earlier(home)

    @property
    def languages(self) -> Sequence[str]:
        """The languages that have templates."""
        return self._texts.languages

    def write(
        self, row: Row, record: Record, report: bytes, day: str, attachments: Sequence[Attachment], language: str
    ) -> Text:
        """The texts of the mail. day: of the release, ISO. Raises WrongUsage if a template is broken."""
        facts = {
            "account": one_line(row["account"]),
            "day": day,
            "people": row["rows"],
            "attachments": [one.name for one in attachments],
            "changes": self._changes(row, record, report, language),
            "tiers": self._tiers_sentence(row, report, language),
            "sender": _signature(self._sender),
        }
        return self._texts.mail(language, facts)

    def _changes(self, row: Row, record: Record, report: bytes, language: str) -> str:
        """A sentence about what changed since the partner's last report; "" if there was none, or if it is gone."""
        line = record.before(row["sha256"])
        path = line and self._earlier.find(line["run"], line["sha256"] or "", row["file"])
        if not path:
            return ""
        counts = count_changes(people(path.read_bytes()), people(report))
        return self._texts.sentence("changes", language, counts._asdict())

    def _tiers_sentence(self, row: Row, report: bytes, language: str) -> str:
        """A sentence about the tier and what the next one still takes; "" if the team has no tiers.csv."""
        if not self._tiers:
            return ""
        marked = (course for person in people(report) for course in COURSES if person.get(course) == MARKS["True"])
        status = tier_status(self._tiers, Counter(marked), self._given.get(row["account_id"] or ""))
        return self._texts.sentence("tiers", language, status._asdict() | {"lacks": [*status.lacks.items()]})


# ---------------------------------------------------------------------------------------------------------------------


def _signature(sender: str) -> str:
    """The name of the sender as a person reads it, else the address."""
    name, address = parseaddr(sender)
    return one_line(decoded(name)) or address
