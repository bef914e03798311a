"""Who gets an account's report: the columns of `contacts.csv` and `contacts.pulled.csv`, and the rules of their rows.

Rules are checked one row at a time, so that a draft checks its account's row without waiting for pandera;
`schemas/contact_table.py` checks whole files by the same rules. The files are read and written in
`exports/home/contacts.py`; `transforms/recipients.py` decides whether a recipient may have a report.
"""

from collections.abc import Callable, Collection
from typing import Literal, NamedTuple, get_args

from schemas.addresses import is_address, split
from schemas.faults import Fault
from schemas.profiles import PROFILES

Attach = Literal["csv", "xlsx", "both"]
Source = Literal["hand", "impartner", "none"]
ATTACH: tuple[Attach, ...] = get_args(Attach)
LANGUAGES = ("en", "de", "fr", "es", "ja")  # with built-in texts; a team may add more
LANGUAGE, ATTACHED = LANGUAGES[0], ATTACH[0]  # the defaults of a row


class ContactRow(NamedTuple):
    """A row of a file, its cells unchanged; `row` is the row number that a spreadsheet shows."""

    row: int
    account_id: str = ""
    account: str = ""
    to: str = ""
    cc: str = ""
    language: str = ""
    profile: str = ""
    attach: str = ""


COLUMNS = ContactRow._fields[1:]
NEEDED = COLUMNS[:3]  # the others may be missing, and the defaults apply


class ContactRule(NamedTuple):
    """What must be true of a column's cells (`truth`), and what to do if it is not."""

    column: str
    truth: str
    remedy: str
    holds: Callable[[str], bool]


def rules(languages: Collection[str] = LANGUAGES, *, pulled: bool = False) -> tuple[ContactRule, ...]:
    """The rules of cells. languages: those with texts. pulled: for contacts.pulled.csv."""
    addresses = _one_address if pulled else _addresses
    return (
        addresses("to"),
        addresses("cc"),
        _one_of("language", "one that has mail texts", languages),
        _one_of("profile", "a profile of reports", PROFILES),
        _one_of("attach", "a kind of attachment", ATTACH),
    )


class RowRule(NamedTuple):
    """What must be true of a row as a whole; `column` is the one that people are shown."""

    column: str
    truth: str
    remedy: str


ROW_RULES = {
    "account_named": RowRule(
        "account_id",
        "A row names its account, by id or by name",
        "Fill in account_id, or account where there is no id",
    ),
    "account_once": RowRule("account_id", "An account has one row", "Keep the row that is right, and remove the other"),
    "account_clear": RowRule("account_id", "A row without an id names one account only", "Fill in account_id"),
    "account_known": RowRule(
        "account_id",
        "The account is one that is ready or that the newest run has",
        "Correct account_id (or account), or remove the row",
    ),
}


def faults_of(row: ContactRow, languages: Collection[str] = LANGUAGES, *, pulled: bool = False) -> list[Fault]:
    """The faults of a row's cells. pulled: it is a row of contacts.pulled.csv."""
    cells = row._asdict()
    broken = (rule for rule in rules(languages, pulled=pulled) if not rule.holds(cells[rule.column]))
    return [fault_in(row, rule.column, rule.truth, rule.remedy) for rule in broken]


def fault_in(row: ContactRow, column: str, truth: str, remedy: str) -> Fault:
    """A fault in one of the row's cells."""
    return Fault(
        account=row.account,
        account_id=row.account_id or None,
        row=row.row,
        column=column,
        found=row._asdict()[column],
        rule=truth,
        remedy=remedy,
    )


# ---------------------------------------------------------------------------------------------------------------------


def _addresses(column: str) -> ContactRule:
    return ContactRule(
        column,
        "Each recipient is one plain e-mail address; several are separated by semicolons",
        f"Correct the address in {column}: name@domain, without a name before it, ASCII before the @",
        lambda cell: all(map(is_address, split(cell))),
    )


def _one_address(column: str) -> ContactRule:
    whose = {"to": "the account's primary user", "cc": "the account's owner"}[column]
    return ContactRule(
        column,
        "A recipient from Impartner is one plain e-mail address",
        f"Correct the e-mail of {whose} in Impartner and pull again, or set the recipients by hand: "
        "partner-certs contacts set",
        lambda cell: not cell or is_address(cell),
    )


def _one_of(column: str, truth: str, words: Collection[str]) -> ContactRule:
    return ContactRule(
        column,
        f"The {column} is blank, or {truth}: {', '.join(words)}",
        f"Write one of {', '.join(words)} into {column}, or leave it blank",
        lambda cell: not cell.strip() or cell.strip().lower() in words,
    )
