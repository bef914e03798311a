"""A fault is data: whose row, which column, what was found, which rule it breaks, and what to do about it.

Here are the rules and remedies in the words that people read, and the faults of a whole file. `schemas/stages.py` finds
the rows that break a rule; `transforms/hold_back.py` decides what a fault stops.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME

Origin = Literal["text", "workbook", "pull"]  # where rows come from, and so who can have altered them


class Fault(NamedTuple):
    """One fault. What is not known is None.

    row: the row number that a spreadsheet shows, from 1; None in a pull, which has Impartner's `user_id` instead.
    person: whom it concerns ("Ana Sol <ana@contoso.example>"). `person` and `found` belong in the home folder and on
    standard output, never in a log.
    """

    account: str | None = None
    account_id: str | None = None
    row: int | None = None
    person: str | None = None
    user_id: str | None = None
    column: str | None = None
    found: str | None = None
    rule: str = ""
    remedy: str = ""


class Rule(NamedTuple):
    """What must be true of a row (`truth`), and what to do if it is not.

    column: the one that people are shown. remedy: for a file, which a spreadsheet program may have altered. in_pull:
    the remedy in a pull, if it is another one.
    """

    truth: str
    remedy: str
    column: str | None = None
    in_pull: str | None = None

    def remedy_for(self, origin: Origin) -> str:
        """What to do about it, depending on where the row came from."""
        return self.in_pull if origin == "pull" and self.in_pull else self.remedy


def _altered(what: str) -> str:
    return f"A spreadsheet program {what}: use the file as Impartner gave it"


_CORRECT = "Correct the field in Impartner, then pull again"

# Rules of single cells
ADDRESS_THERE = Rule("Every person has an e-mail address", "Fill in the person's Email in Impartner, then export again")
ONE_ADDRESS = Rule(
    "An Email is one address, and nothing else",
    "Enter one plain address as the person's Email in Impartner, then export again",
)
FLAG_OR_BLANK = Rule(
    "A flag is True, False or blank", "Set the field to True or False for this person in Impartner, then export again"
)
FLAG_AS_GIVEN = Rule(FLAG_OR_BLANK.truth, _altered("translated it"), in_pull=FLAG_OR_BLANK.remedy)
NO_ERROR = Rule("A cell is not an error value of a spreadsheet", _altered("put it there"), in_pull=_CORRECT)
NO_HASHES = Rule("A cell has more than # signs", _altered("had no room to show the cell"), in_pull=_CORRECT)
ALL_LETTERS = Rule(
    "A cell has all its letters; U+FFFD stands for one that was lost",
    "A program lost it when reading or saving the file: use the file as Impartner gave it. "
    "If it is lost there too, correct it in Impartner",
    in_pull=_CORRECT,
)
PHONE_IN_FULL = Rule("A phone number has all its digits", _altered("rounded it to E-notation"), in_pull=_CORRECT)

# Rules about a row's account and person. Transforms find the rule that a row breaks, and put its key in ROW_RULES into
# a column of the frame.
_ACCOUNT = "Give the user the right account in Impartner, then pull again"
ADDRESS_ONCE = Rule(
    "An e-mail address appears once in an account",
    "Merge or remove the person's second user in Impartner, then export again",
    "Email",
)
ACCOUNT_THERE = Rule(
    "Every row names its account",
    "Give the user an account in Impartner, or remove the row. If only the first row of each account names it, use the "
    "file as Impartner gave it; the accounts above and below are held back too",
    ACCOUNT_NAME,
    _ACCOUNT,
)
ID_WHERE_KNOWN = Rule(
    "A row has the account's id where other rows of that name have one",
    "Fill in the Account ID of this row, or correct its Account Name",
    ACCOUNT_ID,
    _ACCOUNT,
)
ONE_NAME = Rule(
    "An account id has one name",
    "Ids or names of several accounts are mixed up: use the file as Impartner gave it. "
    "If they are there too, correct the account in Impartner",
    ACCOUNT_NAME,
    _ACCOUNT,
)
ID_NO_ERROR = NO_ERROR._replace(column=ACCOUNT_ID, in_pull=_ACCOUNT)
ID_NO_HASHES = NO_HASHES._replace(column=ACCOUNT_ID, in_pull=_ACCOUNT)
ID_NO_PLACEHOLDER = Rule(
    "An account id is not a placeholder",
    "Use the file as Impartner gave it. If it has no id there either, give the user an account in Impartner",
    ACCOUNT_ID,
    _ACCOUNT,
)
ID_IN_FULL = Rule("An account id has all its digits", _altered("rounded it to E-notation"), ACCOUNT_ID, _ACCOUNT)
ID_UNFORMATTED = Rule(
    "An account id has no decimals or thousands separators", _altered("turned it into a number"), ACCOUNT_ID, _ACCOUNT
)
ID_UNQUOTED = Rule(
    "An account id does not begin with an apostrophe", _altered("marked it as text"), ACCOUNT_ID, _ACCOUNT
)
ID_WITHIN_15 = Rule(
    "A number in a workbook has at most 15 digits",
    "A spreadsheet program replaces further digits with zeros: use the file as Impartner gave it, as CSV",
    ACCOUNT_ID,
)
ID_VISIBLE = Rule(
    "An account id has no invisible or lost characters",
    "Use the file as Impartner gave it. If they are there too, correct the id in Impartner",
    ACCOUNT_ID,
    _ACCOUNT,
)
NAME_NO_ERROR = NO_ERROR._replace(column=ACCOUNT_NAME)
NAME_NO_HASHES = NO_HASHES._replace(column=ACCOUNT_NAME)
NAME_ALL_LETTERS = ALL_LETTERS._replace(column=ACCOUNT_NAME)

ROW_RULES = {
    "account_there": ACCOUNT_THERE,
    "id_where_known": ID_WHERE_KNOWN,
    "one_name": ONE_NAME,
    "id_no_error": ID_NO_ERROR,
    "id_no_hashes": ID_NO_HASHES,
    "id_no_placeholder": ID_NO_PLACEHOLDER,
    "id_in_full": ID_IN_FULL,
    "id_unformatted": ID_UNFORMATTED,
    "id_unquoted": ID_UNQUOTED,
    "id_within_15": ID_WITHIN_15,
    "id_visible": ID_VISIBLE,
    "name_no_error": NAME_NO_ERROR,
    "name_no_hashes": NAME_NO_HASHES,
    "name_all_letters": NAME_ALL_LETTERS,
    "address_once": ADDRESS_ONCE,
}

OWN_FILE_NAME = Rule(
    "Every account has a file name of its own",
    "Rename one of the accounts in Impartner, or give them ids that differ in more than letter case",
    ACCOUNT_NAME,
)


def file_fault(
    rule: str, remedy: str, *, row: int | None = None, column: str | None = None, found: str | None = None
) -> Fault:
    """A fault of the whole file: it refuses the export."""
    return Fault(row=row, column=column, found=found, rule=rule, remedy=remedy)


def missing_column(field: str, headings: Sequence[str | None]) -> Fault:
    """A needed column is missing."""
    shown = ", ".join(str(heading) for heading in headings if heading)
    return file_fault(
        f"The export has the column {field!r}",
        f"Add the field {field!r} to the export in Impartner and download it again",
        column=field,
        found=f"headings: {shown[:500]}" if shown else "no headings",
    )


def repeated_column(field: str, count: int) -> Fault:
    """A column is repeated, and nobody can know which one is meant."""
    return file_fault(
        f"The export has the column {field!r} once",
        f"Remove all but one of the columns {field!r} from the export",
        column=field,
        found=f"{count} times",
    )
