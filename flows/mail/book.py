"""Looks up who gets an account's report, in contacts.csv (set by hand) and contacts.pulled.csv (from Impartner).

A row set by hand overrides the pulled one. A row belongs to the account with its id, or with its name if the row has no
id. The files are listed, checked and changed by `contacts.py`.
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
    """Who gets an account's report, and how, as in `contacts --json`; the profile "" is that of the report."""

    account: str
    account_id: str | None
    to: list[str]
    cc: list[str]
    language: str
    profile: str
    attach: str
    source: Source


class Book(NamedTuple):
    """The rows of both files by account, and the ready accounts."""

    by_hand: Mapping[Key, Sequence[ContactRow]]
    pulled: Mapping[Key, Sequence[ContactRow]]
    languages: Collection[str]
    ready: Sequence[Row]

    def contact(self, row: Row) -> tuple[Contact, list[Fault]]:
        """The contact of an account, and the faults in its row."""
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
        """Whether a row without an id matches at most one account."""
        return sum(row_key(row) in keys(account)[1:] for account in self.ready) <= 1

    def holders(self, address: str) -> set[Key]:
        """The keys of the accounts that have a recipient with this address (given as its key)."""
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
    """Read both files; `rows` are those of ready/. Raises WrongUsage if a file is not a table of contacts."""
    by_hand, pulled = (_by_account(files.read(home, name)) for name in (BY_HAND, PULLED))
    return Book(by_hand, pulled, texts(home).languages, rows)


def texts(home: Home) -> Texts:
    """The templates of mails: the team's, in the home, and the built-in ones."""
    return Texts(home.root / TEMPLATES)


def keys(row: Row) -> tuple[Key, ...]:
    """The keys that an account's rows may have."""
    return ledger.keys(row["account"], row["account_id"])


def contact_of(row: Row, chosen: ContactRow, source: Source) -> Contact:
    """The contact of an account, from a row of a file."""
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
    """The key of a row of a file."""
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
