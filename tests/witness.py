"""The help desk's procedure once more, in plain Python and written from its text: a witness against the program.

It shares no line with the program and reads no table of it. Standard library only, and anyascii for file names, which
the procedure names. It is slow and knows no faults of files.
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

Row = Mapping[str, str | None]
Key = tuple[str, str] | None  # ("id", id), ("name", folded name), or None for nobody


@dataclass
class Account:
    """One account as the witness sees it; `rows` are (row number, row) in the order of the export."""

    key: Key
    rows: list[tuple[int, Row]] = field(default_factory=list)
    faults: set[tuple[int, str]] = field(default_factory=set)
    held: bool = False
    name: str = ""
    file: str = ""

    @property
    def account_id(self) -> str | None:
        """Null where there is none."""
        return self.key[1] if self.key and self.key[0] == "id" else None


def accounts(rows: Sequence[Row]) -> list[Account]:
    """Every account of the rows (the first is row 2), with its faults, and whether it is held back."""
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
    _hold_blank_ids(everybody)
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
        if (cell := row.get(name) or "") and kind != "flag" and _guarded(cell) not in (cell, "")
        if not (kind == "either" and _bare(cell).casefold() in ("true", "false"))
    ]


def _bare(cell: str | None) -> str:
    return (cell or "").strip(BLANKS)


def _folded(name: str | None) -> str:
    return unicodedata.normalize("NFC", _bare(name)).casefold()


def _key(row: Row) -> Key:
    if _bare(row.get("Account ID")):
        return "id", _bare(row.get("Account ID"))
    if _bare(row.get("Account Name")):
        return "name", _folded(row.get("Account Name"))
    return None


def _shown(account: Account) -> str:
    names = Counter(unicodedata.normalize("NFC", _bare(row.get("Account Name"))) for _, row in account.rows)
    names.pop("", None)
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
        if account.key is None:
            faults.append((number, "Account Name"))
        address = _bare(row.get("Email")).casefold()
        if not address or address in seen:
            faults.append((number, "Email"))
        seen.add(address)
        faults += [
            (number, name)
            for name, _, kind in PROCEDURE
            if kind == "flag" and _bare(row.get(name)).casefold() not in ("true", "false", "")
        ]
    return faults


def _hold_blank_ids(everybody: Sequence[Account]) -> None:
    names = {account.key: {_folded(row.get("Account Name")) for _, row in account.rows} - {""} for account in everybody}
    for blank in everybody:
        if blank.key is None or blank.key[0] == "id":
            continue
        same = [other for other in everybody if other.account_id and names[other.key] & names[blank.key]]
        if same:
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
    return [_cell(row.get(name) or "", kind) for name, _, kind in PROCEDURE]


def _cell(cell: str, kind: str) -> str:
    if kind != "text" and _bare(cell).casefold() in ("true", "false", ""):
        return "X" if _bare(cell).casefold() == "true" else ""
    return _guarded(cell)


def _guarded(cell: str) -> str:
    bare = _bare(cell)
    if not bare:
        return ""
    looks_like_one = bare[0] in "=+-@\uff1d\uff0b\uff0d\uff20" or cell[0] in "\t\r\n"
    if looks_like_one and not re.fullmatch(r"[0-9 +\-().\/]*", cell):
        return "'" + cell
    return cell


def _quoted(cell: str, separator: str) -> str:
    if any(sign in cell for sign in (separator, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell
