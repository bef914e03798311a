"""The help desk's procedure again in plain Python, written from its text: an independent check of the program.

It shares no line and no table with the program: standard library only, and anyascii for file names, which the
procedure names. It is slow, and does not know faults of files.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anyascii import anyascii

BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)
PROCEDURE = (
    ("Full Name", "Full Name", "text"),
    ("Email", "Email", "text"),
    ("Mailing Street", "Mailing Street", "text"),
    ("Mailing City", "Mailing City", "text"),
    ("Mailing State", "Mailing State", "text"),
    ("Mailing Country", "Mailing Country", "text"),
    ("Phone", "Phone", "text"),
    ("Account Activated", "Account Activated", "flag"),
    ("Display on Partner Locator?", "Display on Partner Locator?", "flag"),
    ("Administrative Privileges", "Administrative Privileges", "either"),
    ("SA Verified", "Solution Architect Core Training", "flag"),
    ("Sales Badged", "Sales Core Training", "flag"),
    ("Sales Certified", "Sales Professional Accreditation", "flag"),
    ("PSE Certified 2020", "PSE Certified 2020", "flag"),
    ("PSE Certified 2021", "PSE Certified 2021", "flag"),
)
SEPARATORS = {"intl": ",", "eu": ";"}
UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
ERRORS = (
    "#N/A",
    "#DIV/0!",
    "#NAME?",
    "#REF!",
    "#VALUE!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#WERT!",
    "#BEZUG!",
    "#NV",
    "Err:502",
)
PLACEHOLDERS = ("0", "-", "n/a", "na", "null", "none")
TRANSLATED = ("wahr", "falsch", "vrai", "faux", "verdadero", "falso", "истина", "ложь", "真", "prawda")

Row = Mapping[str, str | None]
Key = tuple[str, str] | None  # ("id", id), ("name", folded name), or None without an account


@dataclass
class Account:
    """One account; `rows` are (row number, row) in the order of the export."""

    key: Key
    rows: list[tuple[int, Row]] = field(default_factory=list)
    faults: set[tuple[int, str]] = field(default_factory=set)
    held: bool = False
    name: str = ""
    file: str = ""

    @property
    def account_id(self) -> str | None:
        """None if there is none."""
        return self.key[1] if self.key and self.key[0] == "id" else None


def accounts(rows: Sequence[Row]) -> list[Account]:
    """Every account of the rows (the first is row 2), with its faults, and whether it is held."""
    found: dict[Key, Account] = {}
    for number, row in enumerate(rows, start=2):
        key = _key(row)
        found.setdefault(key, Account(key)).rows.append((number, row))
    everybody = list(found.values())
    for account in everybody:
        account.name = _shown(account)
        account.file = _file(account)
        account.faults = set(_faults(account))
        account.held = bool(account.faults)
    _hold_lacking_ids(everybody)
    _hold_neighbours(everybody)
    _hold_shared_files(everybody)
    return everybody


def report(account: Account, profile: str = "intl") -> bytes:
    """The bytes of an account's report."""
    lines = sorted([_written(row) for _, row in account.rows], key=lambda line: line[:2])
    table = [[heading for _, heading, _ in PROCEDURE], *lines]
    separator = SEPARATORS[profile]
    text = "".join(separator.join(_quoted(cell, separator) for cell in line) + "\r\n" for line in table)
    return b"\xef\xbb\xbf" + text.encode("utf-8")


def guarded_cells(account: Account) -> list[tuple[int, str, str]]:
    """Row, field and cell of everything that gets an apostrophe."""
    return [
        (number, name, cell)
        for number, row in account.rows
        for name, _, kind in PROCEDURE
        if (cell := row.get(name) or "") and kind != "flag" and _guarded(cell, name) not in (cell, "")
        if not (kind == "either" and _bare(cell).casefold() in ("true", "false"))
    ]


def _bare(cell: str | None) -> str:
    return (cell or "").strip(BLANKS)


def _is_unseen(sign: str) -> bool:
    selector = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return unicodedata.category(sign) == "Cf" or sign in UNSEEN or selector


def _folded(name: str | None) -> str:
    seen = "".join(" " if sign in BLANKS else sign for sign in name or "" if not _is_unseen(sign))
    words = [word for word in seen.split(" ") if word]
    return unicodedata.normalize("NFC", " ".join(words)).casefold()


def _is_no_id(cell: str) -> bool:
    number = cell.replace("+", "", 1) if cell.startswith("+") else cell
    return (
        cell in ERRORS
        or set(cell) == {"#"}
        or cell.casefold() in PLACEHOLDERS
        or bool(re.fullmatch(r"\d+([.,]\d+)?[eE][+-]\d+", number, re.ASCII))
        or bool(re.fullmatch(r"\d+[.,]\d+|\d{1,3}([.,]\d{3})+", number, re.ASCII))
        or cell.startswith("'")
        or any(_is_unseen(sign) or sign == "\ufffd" for sign in cell)
    )


def _key(row: Row) -> Key:
    account_id = _bare(row.get("Account ID"))
    if account_id and not _is_no_id(account_id):
        return "id", account_id
    if name := _folded(row.get("Account Name")):
        return "name", name
    return None


def _shown(account: Account) -> str:
    cells = [row.get("Account Name") for _, row in account.rows]
    names = Counter(unicodedata.normalize("NFC", _bare(cell)) for cell in cells if _folded(cell))
    if not names:
        return account.account_id or ""
    return min(names, key=lambda name: (-names[name], name))


def _file(account: Account) -> str:
    slug = re.sub("[^a-z0-9]+", "-", anyascii(account.name).lower())[:60].strip("-") or "account"
    key = account.account_id or account.name
    if not (account.account_id and re.fullmatch("[A-Za-z0-9_-]{1,40}", account.account_id)):
        key = hashlib.sha256(key.encode("utf-8")).hexdigest()[:8]
    return f"certifications-{slug}-{key}.csv"


def _faults(account: Account) -> list[tuple[int, str]]:
    faults, seen = [], set()
    for number, row in account.rows:
        account_id, account_name = _bare(row.get("Account ID")), _bare(row.get("Account Name"))
        other = account.account_id and _folded(account_name) not in ("", _folded(account.name))
        if other or _is_spoiled(account_name) or (account.key is None and not account_id):
            faults.append((number, "Account Name"))
        if account_id and _is_no_id(account_id):
            faults.append((number, "Account ID"))
        address = _bare(row.get("Email")).casefold()
        if not _is_address(address) or address in seen:
            faults.append((number, "Email"))
        seen.add(address)
        faults += [(number, name) for name, _, kind in PROCEDURE if not _is_value(_bare(row.get(name)), name, kind)]
    return faults


def _is_spoiled(cell: str) -> bool:
    return cell in ERRORS or set(cell) == {"#"} or "\ufffd" in cell


def _is_address(cell: str) -> bool:
    before, at, after = cell.partition("@")
    bad = any(
        sign in BLANKS + ",;<>:@" or unicodedata.category(sign) == "Cc" or _is_unseen(sign) for sign in before + after
    )
    return bool(before and at and after) and not bad


def _is_value(cell: str, name: str, kind: str) -> bool:
    if _is_spoiled(cell) or (kind == "either" and cell.casefold() in TRANSLATED):
        return False
    if name == "Phone":
        return not re.fullmatch(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+", cell, re.ASCII)
    return kind != "flag" or cell.casefold() in ("true", "false", "")


def _hold_neighbours(everybody: Sequence[Account]) -> None:
    named = {number: account for account in everybody if account.key for number, _ in account.rows}
    for nobody in everybody:
        blank = [number for number, row in nobody.rows if nobody.key is None and not _bare(row.get("Account ID"))]
        for number in blank:
            above = max((other for other in named if other < number), default=None)
            below = min((other for other in named if other > number), default=None)
            for beside in (above, below) if above else ():
                if beside:
                    named[beside].held = True


def _hold_lacking_ids(everybody: Sequence[Account]) -> None:
    names = {account.key: {_folded(row.get("Account Name")) for _, row in account.rows} - {""} for account in everybody}
    for blank in everybody:
        if blank.key is None or blank.key[0] == "id":
            continue
        same = [other for other in everybody if other.account_id and names[other.key] & names[blank.key]]
        if same:  # rows without an id; invalid ids are faults already
            blank.faults |= {(number, "Account ID") for number, _ in blank.rows}
        for account in (blank, *same) if same else ():
            account.held = True


def _hold_shared_files(everybody: Sequence[Account]) -> None:
    counts = Counter(account.file.lower() for account in everybody if account.key)
    for account in everybody:
        if account.key and counts[account.file.lower()] > 1:
            account.faults.add((min(number for number, _ in account.rows), "Account Name"))
            account.held = True


def _written(row: Row) -> list[str]:
    return [_cell(row.get(name) or "", name, kind) for name, _, kind in PROCEDURE]


def _cell(cell: str, name: str, kind: str) -> str:
    if kind != "text" and _bare(cell).casefold() in ("true", "false", ""):
        return "X" if _bare(cell).casefold() == "true" else ""
    return _guarded(cell, name)


def _guarded(cell: str, name: str) -> str:
    bare = _bare(cell)
    if not bare:
        return ""
    looks_like_one = bare[0] in "=+-@\uff1d\uff0b\uff0d\uff20" or cell[0] in "\t\r\n"
    plain = _like_a_phone(cell) if name == "Phone" else cell
    if looks_like_one and not re.fullmatch(r"[0-9 +\-().\/]*", plain):
        return "'" + cell
    return cell


def _like_a_phone(cell: str) -> str:
    """The cell with a phone's spaces and dashes as plain ones, and without its extension."""
    spaced = re.sub("[\u00a0\u2007\u2009\u200a\u202f]", " ", cell)
    dashed = "".join("-" if unicodedata.category(sign) == "Pd" or sign == "\u2212" else sign for sign in spaced)
    extension = re.search(r" *(?:x|ext\.?) *[0-9]+ *$", dashed, re.IGNORECASE)
    if extension and sum(sign in "0123456789" for sign in dashed[: extension.start()]) >= 6:
        return dashed[: extension.start()]
    return dashed


def _quoted(cell: str, separator: str) -> str:
    if any(sign in cell for sign in (separator, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell
