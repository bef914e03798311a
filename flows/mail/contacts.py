"""Contacts: who gets which account's report, by hand or as Impartner has it; looked up, listed, checked, set.

A row by hand wins over the pulled one of the same account. A row is its account's by id, or by name where the row has
no id.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

from exports.home import contacts as files
from exports.home import ledger, ready, sent
from exports.home.contacts import BY_HAND, PULLED
from exports.home.layout import Home
from exports.home.ledger import Key
from exports.mail.texts import Texts
from flows.mail.accounts import Row, find_row, is_ready, report_bytes
from flows.mail.recipients import Doubt, Recipients
from schemas.addresses import key as address_key
from schemas.addresses import split
from schemas.contacts import ATTACHED, LANGUAGE, ROW_RULES, ContactRow, Source, fault_in, faults_of
from schemas.errors import WrongUsage
from schemas.faults import Fault


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


class Contacts(TypedDict):
    """All contacts, and the faults of the two files."""

    contacts: list[Contact]
    faults: list[Fault]


class Book(NamedTuple):
    """The rows of both files by account, and the accounts that are ready."""

    by_hand: Mapping[Key, Sequence[ContactRow]]
    pulled: Mapping[Key, Sequence[ContactRow]]
    languages: Collection[str]
    ready: Sequence[Row]

    def contact(self, row: Row) -> tuple[Contact, list[Fault]]:
        """The contact of an account, and the faults of its row."""
        found, source = self._found(row)
        if not found:
            return _contact(row, ContactRow(0), "none"), []
        first, *others = found
        pulled = source == "impartner"
        faults = [
            *faults_of(first, self.languages, pulled=pulled),
            *(_broken("account_once", other) for other in others),
        ]
        if row["account_id"] and not first.account_id and not self.is_clear(first):
            faults.append(_broken("account_clear", first))
        return _contact(row, first, source), faults

    def is_clear(self, row: ContactRow) -> bool:
        """Whether a row without an id can be one account's only."""
        return sum(_key(row) in keys(account)[1:] for account in self.ready) <= 1

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

    def _found(self, row: Row) -> tuple[Sequence[ContactRow], Source]:
        sources: tuple[Source, ...] = ("hand", "impartner")
        for file, source in zip(self[:2], sources, strict=True):
            for key in keys(row):
                if found := file.get(key):
                    return found, source
        return (), "none"


def book(home: Home, rows: Sequence[Row]) -> Book:
    """Both files, as they are now; `rows` are what is ready. Raises WrongUsage if one is no table of contacts."""
    by_hand, pulled = (_by_account(files.read(home, name)) for name in (BY_HAND, PULLED))
    return Book(by_hand, pulled, texts(home).languages, rows)


def texts(home: Home) -> Texts:
    """What mails say: the team's templates in the home, over those that are built in."""
    return Texts(home.root / TEMPLATES)


def list_contacts(home: Home) -> Contacts:
    """Every account that is ready or has a contact, by name, and every fault of the files."""
    rows = ready.rows(home)
    known = book(home, rows)
    taken = {key for row in rows for key in keys(row)}
    others = {key: _account_of(of_account[0]) for file in known[:2] for key, of_account in file.items()}
    accounts = [*rows, *(row for key, row in others.items() if key not in taken)]
    contacts = [known.contact(row)[0] for row in accounts]
    return {
        "contacts": sorted(contacts, key=lambda one: (one["account"].casefold(), one["account_id"] or "")),
        "faults": [*_faults(home, BY_HAND, known), *_faults(home, PULLED, known)],
    }


def keys(row: Row) -> tuple[Key, ...]:
    """What an account's rows may go by."""
    return ledger.keys(row["account"], row["account_id"])


class Choice(NamedTuple):
    """How an account's report goes out, as somebody says it; blank is as usual."""

    to: Sequence[str]
    cc: Sequence[str] = ()
    language: str = ""
    profile: str = ""
    attach: str = ""


def set_contact(
    home: Home, wanted: str, choice: Choice, *, by: str, reason: str = "", now: datetime
) -> tuple[Contact, list[Doubt]]:
    """Put an account's row into contacts.csv, and who did it into the ledger; gives the contact and who was refused.

    Without a reason, recipients of another account and near ones are refused, and nothing is written; with one, all of
    these are let through from then on. Raises WrongUsage for what can't stand in a row, and NoSuchAccount.
    """
    if not by:
        raise WrongUsage("Say who names the recipients: add --by WHO")
    with ready.writing(home):
        folder = ready.current(home)
        rows = ready.rows_of(folder) if folder else []
        row = find_row(home, rows, wanted)
        made = _row_of(row, choice)
        _refuse_wrong(made, texts(home).languages)
        contact, account = _contact(row, made, "hand"), {"account": row["account"], "account_id": row["account_id"]}
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

TEMPLATES = "templates"


def _by_account(rows: Iterable[ContactRow]) -> Mapping[Key, Sequence[ContactRow]]:
    found: dict[Key, list[ContactRow]] = defaultdict(list)
    for row in rows:
        found[_key(row)].append(row)
    return found


def _key(row: ContactRow) -> Key:
    return ledger.key(row.account, row.account_id)


def _account_of(row: ContactRow) -> Row:
    return {"account": row.account, "account_id": row.account_id or None}


def _contact(row: Row, chosen: ContactRow, source: Source) -> Contact:
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


def _row_of(row: Row, choice: Choice) -> ContactRow:
    to, cc = "; ".join(choice.to), "; ".join(choice.cc)
    return ContactRow(0, row["account_id"] or "", row["account"], to, cc, *choice[2:])


def _refuse_wrong(row: ContactRow, languages: Collection[str]) -> None:
    if not split(row.to):
        raise WrongUsage("Say who gets the report: --to ADDRESS")
    for fault in faults_of(row, languages):
        raise WrongUsage(f"{fault.rule}. Found: {fault.found!r}. {fault.remedy}")


def _write(home: Home, row: Row, made: ContactRow) -> None:
    """Put an account's row in the place of those that it had; all others stay as they are."""
    from flows.contact_files import guarded  # late: it imports polars, and nothing else here does

    rows, mine = files.read(home, BY_HAND), set(keys(row))
    places = [place for place, other in enumerate(rows) if _key(other) in mine]
    kept = [other for other in rows if _key(other) not in mine]
    kept.insert(places[0] if places else len(rows), made)
    files.write(home, BY_HAND, guarded(kept))


def _broken(name: str, row: ContactRow) -> Fault:
    rule = ROW_RULES[name]
    return fault_in(row, rule.column, rule.truth, rule.remedy)


def _faults(home: Home, name: str, known: Book) -> list[Fault]:
    """Every fault of one of the files, as pandera finds them."""
    from schemas.contact_table import find_contact_faults  # late: it imports pandera, and a draft looks at one row only

    rows, seen = files.read(home, name), Counter[Key]()
    accounts = _known_keys(home, known.ready) if name == BY_HAND else None
    truths = []
    for row in rows:
        key = _key(row)
        seen[key] += 1
        is_named = bool(row.account_id or row.account)
        is_known = accounts is None or not is_named or key in accounts
        truths.append((is_named, seen[key] == 1, bool(row.account_id) or known.is_clear(row), is_known))
    return find_contact_faults(rows, truths, known.languages, pulled=name == PULLED)


def _known_keys(home: Home, rows: Sequence[Row]) -> set[Key] | None:
    """What the accounts go by that are ready or in the newest run; None if there are none at all."""
    newest = home.manifests()[:1]
    of_run = [row for manifest in newest for row in (*manifest["reports"], *manifest["held"])]
    return {key for row in (*rows, *of_run) for key in keys(row)} or None
