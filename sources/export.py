"""What every source gives: the user export as one frame, and where it came from."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from schemas.faults import Origin
from schemas.manifest import Source

if TYPE_CHECKING:
    import polars as pl

# Columns of `Export.accounts`, all text. to: the primary user's e-mail, cc: the owner's; null where there is none
ACCOUNTS = ("account_id", "account", "to", "cc", "tier")


@dataclass(frozen=True)
class Export:
    """A user export.

    `frame` has a column `row` (UInt32: the row as a spreadsheet shows it, ascending) and then the columns of the table
    and of the account that the source has, as String, under the headings of the source ("User: Full Name"); other
    columns are left away. A blank cell is null or white space; cells are never trimmed or guessed. A flag column that
    holds nothing but True and False, in any letter case, and empty cells may come as Boolean.
    """

    frame: "pl.DataFrame"
    kind: Literal["file", "impartner"]
    name: str  # file name, or the address of the server
    sha256: str  # of the file's bytes, or of the rows that were pulled
    notices: tuple[str, ...] = field(default=())  # what a person should know, such as which sheet was read
    encoding: str | None = None  # of a text file
    sheet: str | None = None  # of a workbook
    user_ids: "pl.Series | None" = None  # of a pull: Impartner's id of the user in each row, as text
    accounts: "pl.DataFrame | None" = None  # of a pull: ACCOUNTS, one row an account; None: they may not be read
    all_letters: bool = False  # True: it is proved that no cell has U+FFFD, where a letter was lost
    decoded_once: bool = False  # True: it is proved that no cell has letters that were decoded twice
    empty_columns: tuple[str, ...] = ()  # of a pull: needed columns that are null for everybody, in the table's order

    @property
    def origin(self) -> Origin:
        """Who may have altered the rows on their way."""
        if self.kind == "impartner":
            return "pull"
        return "text" if self.sheet is None else "workbook"

    @property
    def source(self) -> Source:
        """Where the rows came from, as a manifest has it."""
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
    """A file name as text, which it need not be."""
    return name.encode(errors="backslashreplace").decode()
