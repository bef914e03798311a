"""Lists all contacts, checks the two files, and sets a contact by hand. One account's contact is found by `book.py`.

It imports polars and pandera, which a draft does not need.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

from exports.home import contacts as files
from exports.home import ledger, ready, sent
from exports.home.contacts import BY_HAND, PULLED
from exports.home.layout import Home
from exports.home.ledger import Key
from exports.home.publish import writing
from flows.contact_files import guarded
from flows.mail.accounts import Row, find_row, is_ready, report_bytes
from flows.mail.book import FILES, Book, Contact, book, contact_of, keys, row_key, texts
from flows.mail.recipients import Doubt, Recipients
from schemas.addresses import split
from schemas.contact_table import find_contact_faults
from schemas.contacts import ContactRow, faults_of
from schemas.errors import WrongUsage
from schemas.faults import Fault


class Contacts(TypedDict):
    """All contacts, and the faults by the name of the file."""

    contacts: list[Contact]
    faults: dict[str, list[Fault]]


def list_contacts(home: Home) -> Contacts:
    """The contacts of all accounts that are ready or have one, by name, and every fault of the files."""
    rows = ready.rows(home)
    known = book(home, rows)
    taken = {key for row in rows for key in keys(row)}
    others = {key: _account_of(of_account[0]) for file in known[:2] for key, of_account in file.items()}
    accounts = [*rows, *(row for key, row in others.items() if key not in taken)]
    contacts = [known.contact(row)[0] for row in accounts]
    return {
        "contacts": sorted(contacts, key=lambda one: (one["account"].casefold(), one["account_id"] or "")),
        "faults": {name: _faults(home, name, known) for name in FILES.values()},
    }


class Choice(NamedTuple):
    """A contact as somebody sets it; blank fields get the default."""

    to: Sequence[str]
    cc: Sequence[str] = ()
    language: str = ""
    profile: str = ""
    attach: str = ""


def set_contact(
    home: Home, wanted: str, choice: Choice, *, by: str, reason: str = "", now: datetime
) -> tuple[Contact, list[Doubt]]:
    """Set an account's row in contacts.csv, and note it in the ledger. Returns the contact, and who was refused.

    Without a reason, recipients of the kinds `elsewhere` and `near` are refused, and nothing is written; with one, all
    are let through from then on. Raises WrongUsage for invalid fields, and NoSuchAccount.
    """
    if not by:
        raise WrongUsage("Say who sets the recipients: add --by WHO")
    with writing(home):
        folder = ready.current(home)
        rows = ready.rows_of(folder) if folder else []
        row = find_row(home, rows, wanted)
        made = _row_of(row, choice)
        _refuse_wrong(made, texts(home).languages)
        contact, account = contact_of(row, made, "hand"), {"account": row["account"], "account_id": row["account_id"]}
        if not reason:
            report = report_bytes(folder, row) if folder and is_ready(row) else b""
            doubts = Recipients(home, folder, rows).doubted(row, contact["to"], report, ())
            if refused := [doubt for doubt in doubts if doubt.kind != "new"]:
                return contact, refused
        _write(home, row, made)
        line = sent.line_of("contact", now, account, by, reason)
        ledger.append(home, [line | {"to": contact["to"], "confirmed": bool(reason)}])
        return contact, []


# ---------------------------------------------------------------------------------------------------------------------


def _account_of(row: ContactRow) -> Row:
    return {"account": row.account, "account_id": row.account_id or None}


def _row_of(row: Row, choice: Choice) -> ContactRow:
    to, cc = "; ".join(choice.to), "; ".join(choice.cc)
    return ContactRow(0, row["account_id"] or "", row["account"], to, cc, *choice[2:])


def _refuse_wrong(row: ContactRow, languages: Collection[str]) -> None:
    if not split(row.to):
        raise WrongUsage("Say who gets the report: --to ADDRESS")
    for fault in faults_of(row, languages):
        raise WrongUsage(f"{fault.rule}. Found: {fault.found!r}. {fault.remedy}")


def _write(home: Home, row: Row, made: ContactRow) -> None:
    """Replace the rows of an account; all others stay as they are."""
    rows, mine = files.read(home, BY_HAND), set(keys(row))
    indexes = [index for index, other in enumerate(rows) if row_key(other) in mine]
    kept = [other for other in rows if row_key(other) not in mine]
    kept.insert(indexes[0] if indexes else len(rows), made)
    files.write(home, BY_HAND, guarded(kept))


def _faults(home: Home, name: str, known: Book) -> list[Fault]:
    """Every fault in one of the files, found by pandera."""
    rows, seen = files.read(home, name), Counter[Key]()
    accounts = _known_keys(home, known.ready) if name == BY_HAND else None
    truths = []
    for row in rows:
        key = row_key(row)
        seen[key] += 1
        is_named = bool(row.account_id or row.account)
        is_known = accounts is None or not is_named or key in accounts
        truths.append((is_named, seen[key] == 1, bool(row.account_id) or known.is_clear(row), is_known))
    return find_contact_faults(rows, truths, known.languages, pulled=name == PULLED)


def _known_keys(home: Home, rows: Sequence[Row]) -> set[Key] | None:
    """The keys of the accounts that are ready or in the newest run; None if there are none."""
    newest = home.manifests()[:1]
    of_run = [row for manifest in newest for row in (*manifest["reports"], *manifest["held"])]
    return {key for row in (*rows, *of_run) for key in keys(row)} or None
