"""Who gets an account's report: the columns of `contacts.csv` and `contacts.pulled.csv`, and the rules of their rows.

The rules are checked one row at a time, so that a draft of one account checks its own row without waiting for pandera;
`schemas/contact_table.py` holds whole files to the same rules. The files are in
`exports/home/contacts.py`, whether a recipient may have a report in `transforms/recipients.py`.
"""

from collections.abc import Callable, Collection
from typing import Literal, NamedTuple, get_args

from schemas.addresses import is_address, split
from schemas.faults import Fault
from schemas.profiles import PROFILES

Attach = Literal["csv", "xlsx", "both"]
Source = Literal["hand", "impartner", "none"]
ATTACH: tuple[Attach, ...] = get_args(Attach)
LANGUAGES = ("en", "de", "fr", "es", "ja")  # of the texts that are built in; a team may have more
LANGUAGE, ATTACHED = LANGUAGES[0], ATTACH[0]  # where a row names none


class ContactRow(NamedTuple):
    """A row of a file, cells unchanged; `row` is as a spreadsheet shows it."""

    row: int
    account_id: str = ""
    account: str = ""
    to: str = ""
    cc: str = ""
    language: str = ""
    profile: str = ""
    attach: str = ""


COLUMNS = ContactRow._fields[1:]
NEEDED = COLUMNS[:3]  # the others may be missing: then nothing is chosen


class ContactRule(NamedTuple):
    """A truth about the cell of a column, and what to do where it does not hold."""

    column: str
    truth: str
    remedy: str
    holds: Callable[[str], bool]


def rules(languages: Collection[str] = LANGUAGES, *, pulled: bool = False) -> tuple[ContactRule, ...]:
    """The rules of cells; `languages` are those that there are texts in. pulled: of contacts.pulled.csv."""
    addresses = _one_address if pulled else _addresses
    return (
        addresses("to"),
        addresses("cc"),
        _one_of("language", "texts are there in it", languages),
        _one_of("profile", "it is a profile of reports", PROFILES),
        _one_of("attach", "it says what is attached", ATTACH),
    )


class RowRule(NamedTuple):
    """A truth about a row as a whole; `column` is the one that people are shown."""

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
    """The faults of a row's cells. pulled: of contacts.pulled.csv."""
    cells = row._asdict()
    broken = (rule for rule in rules(languages, pulled=pulled) if not rule.holds(cells[rule.column]))
    return [fault_in(row, rule.column, rule.truth, rule.remedy) for rule in broken]


def fault_in(row: ContactRow, column: str, truth: str, remedy: str) -> Fault:
    """A fault of one of the row's cells."""
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
        "Each recipient is one plain e-mail address; several stand with a semicolon between them",
        f"Correct the address in {column}: name@domain, without a name before it, ASCII before the @",
        lambda cell: all(map(is_address, split(cell))),
    )


def _one_address(column: str) -> ContactRule:
    whose = {"to": "the account's primary user", "cc": "the account's owner"}[column]
    return ContactRule(
        column,
        "A recipient by Impartner is one plain e-mail address",
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
