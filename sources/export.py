"""What every source returns: the user export as one frame, and where it came from."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from schemas.faults import Origin
from schemas.manifest import Source

if TYPE_CHECKING:
    import polars as pl

# Columns of `Export.accounts`, all text. to: the primary user's e-mail, cc: the owner's; null if there is none
ACCOUNTS = ("account_id", "account", "to", "cc", "tier")


@dataclass(frozen=True)
class Export:
    """A user export.

    `frame` has `row` (UInt32, ascending: the row number that a spreadsheet shows), then the source's columns of the
    table and of the account, as String, under the source's headings ("User: Full Name"). Other columns are dropped. A
    blank cell is null or white space; cells are never trimmed or guessed. A flag column may be Boolean if all its cells
    are True or False, in any letter case, or empty.
    """

    frame: "pl.DataFrame"
    kind: Literal["file", "impartner"]
    name: str  # the file's name, or the server's address
    sha256: str  # of the file's bytes, or of the pulled rows
    notices: tuple[str, ...] = field(default=())  # what a person should know, such as which sheet was read
    encoding: str | None = None  # of a text file
    sheet: str | None = None  # of a workbook
    user_ids: "pl.Series | None" = None  # of a pull: Impartner's id of the user in each row, as text
    accounts: "pl.DataFrame | None" = None  # of a pull: ACCOUNTS, one row per account; None if they can't be read
    all_letters: bool = False  # True: certainly no cell has a U+FFFD in place of a lost letter
    decoded_once: bool = False  # True: certainly no cell has letters that were decoded twice
    empty_columns: tuple[str, ...] = ()  # of a pull: needed columns that are null for everybody, in the table's order

    @property
    def origin(self) -> Origin:
        """Where the rows come from, and so who can have altered them."""
        if self.kind == "impartner":
            return "pull"
        return "text" if self.sheet is None else "workbook"

    @property
    def source(self) -> Source:
        """Where the rows came from, for a manifest."""
        source: Source = {
            "kind": self.kind,
            "name": as_text(self.name),
            "sha256": self.sha256,
            "rows": self.frame.height,
            "encoding": self.encoding,
            "sheet": self.sheet,
        }
        if self.empty_columns:
            source["empty_columns"] = list(self.empty_columns)
        return source


def as_text(name: str) -> str:
    """A file name as valid text, because a name can be any bytes."""
    return name.encode(errors="backslashreplace").decode()
