"""Who gets an account's report, by hand or as Impartner has it: the rows of both files, looked up by account.

A row by hand wins over the pulled one of the same account. A row is its account's by id, or by name where the row has
no id. The files are listed, checked and set in `contacts.py`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypedDict

from exports.home import contacts as files
from exports.home import ledger
from exports.home.contacts import BY_HAND, PULLED
from exports.home.layout import Home
from exports.home.ledger import Key
from exports.mail.texts import Texts
from flows.mail.accounts import Row
from schemas.addresses import key as address_key
from schemas.addresses import split
from schemas.contacts import ATTACHED, LANGUAGE, ROW_RULES, ContactRow, Source, fault_in, faults_of
from schemas.faults import Fault

TEMPLATES = "templates"
FILES: Mapping[Source, str] = {"hand": BY_HAND, "impartner": PULLED}


class Contact(TypedDict):
    """Who gets an account's report, and how, as `contacts --json` shows it; a profile of "" is that of the report."""

    account: str
    account_id: str | None
    to: list[str]
    cc: list[str]
    language: str
    profile: str
    attach: str
    source: Source


class Book(NamedTuple):
    """The rows of both files by account, and the accounts that are ready."""

    by_hand: Mapping[Key, Sequence[ContactRow]]
    pulled: Mapping[Key, Sequence[ContactRow]]
    languages: Collection[str]
    ready: Sequence[Row]

    def contact(self, row: Row) -> tuple[Contact, list[Fault]]:
        """The contact of an account, and the faults of its row."""
        rows, source = self._rows_of(row)
        if not rows:
            return contact_of(row, ContactRow(0), "none"), []
        first, *others = rows
        pulled = source == "impartner"
        faults = [
            *faults_of(first, self.languages, pulled=pulled),
            *(_broken("account_once", other) for other in others),
        ]
        if row["account_id"] and not first.account_id and not self.is_clear(first):
            faults.append(_broken("account_clear", first))
        return contact_of(row, first, source), faults

    def is_clear(self, row: ContactRow) -> bool:
        """Whether a row without an id can be one account's only."""
        return sum(row_key(row) in keys(account)[1:] for account in self.ready) <= 1

    def holders(self, address: str) -> set[Key]:
        """What the accounts go by that have a recipient with this address (its key)."""
        files = (self.by_hand, self.pulled)
        return {
            name
            for file in files
            for name, rows in file.items()
            for row in rows
            if "@" in row.to and address in map(address_key, split(row.to))
        }

    def _rows_of(self, row: Row) -> tuple[Sequence[ContactRow], Source]:
        sources: tuple[Source, ...] = ("hand", "impartner")
        for file, source in zip(self[:2], sources, strict=True):
            for key in keys(row):
                if rows := file.get(key):
                    return rows, source
        return (), "none"


def book(home: Home, rows: Sequence[Row]) -> Book:
    """Both files, as they are now; `rows` are what is ready. Raises WrongUsage if one is no table of contacts."""
    by_hand, pulled = (_by_account(files.read(home, name)) for name in (BY_HAND, PULLED))
    return Book(by_hand, pulled, texts(home).languages, rows)


def texts(home: Home) -> Texts:
    """The texts of mails: the team's templates in the home, over those that are built in."""
    return Texts(home.root / TEMPLATES)


def keys(row: Row) -> tuple[Key, ...]:
    """What an account's rows may go by."""
    return ledger.keys(row["account"], row["account_id"])


def contact_of(row: Row, chosen: ContactRow, source: Source) -> Contact:
    """The contact that a row of a file gives an account."""
    return {
        "account": row["account"],
        "account_id": row["account_id"],
        "to": split(chosen.to),
        "cc": split(chosen.cc),
        "language": chosen.language.lower() or LANGUAGE,
        "profile": chosen.profile.lower(),
        "attach": chosen.attach.lower() or ATTACHED,
        "source": source,
    }


def row_key(row: ContactRow) -> Key:
    """What a row of a file goes by."""
    return ledger.key(row.account, row.account_id)


# ---------------------------------------------------------------------------------------------------------------------


def _by_account(rows: Iterable[ContactRow]) -> Mapping[Key, Sequence[ContactRow]]:
    of_account: dict[Key, list[ContactRow]] = defaultdict(list)
    for row in rows:
        of_account[row_key(row)].append(row)
    return of_account


def _broken(name: str, row: ContactRow) -> Fault:
    rule = ROW_RULES[name]
    return fault_in(row, rule.column, rule.truth, rule.remedy)
