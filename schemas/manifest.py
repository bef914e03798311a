"""What manifests hold, key by key: that of a run (`runs/<run>/manifest.json`) and `ready/manifest.json`.

These shapes are public: the contract has them, and files of years ago are read with them. Who writes them is in
`flows/certify.py` and `flows/review/release.py`, where they are in `exports/home`.
"""

from typing import Literal, NotRequired, TypedDict

from schemas.review import Change

RunKind = Literal["nightly", "account"]


class Source(TypedDict):
    """Where the rows came from. `encoding` is of a text file, `sheet` of a workbook, `empty_columns` of a pull.

    empty_columns: fields that are null for everybody, only if there are any.
    """

    kind: Literal["file", "impartner"]
    name: str  # of the file, or the address of the server
    sha256: str
    rows: int
    encoding: str | None
    sheet: str | None
    empty_columns: NotRequired[list[str]]


class Totals(TypedDict):
    """The counts of a run. accounts = written + held; `people` are the rows of the written reports."""

    accounts: int
    written: int
    held: int
    people: int
    rows_read: int
    guarded_cells: int


class AccountRow(TypedDict):
    """An account. `account_id` is null where there is none; the rows without an account have an empty name."""

    account: str
    account_id: str | None


class FileRow(AccountRow):
    """The report of an account: its file, and the hash of its bytes."""

    file: str
    sha256: str


class StoredRow(FileRow):
    """What reading a report back takes."""

    rows: int
    bytes: int


class ReportRow(StoredRow):
    """A report that a run wrote."""

    change: Change


class ReadyRow(ReportRow):
    """A report that is ready: the run that it comes from, who approved it, and when."""

    run: str
    approved_by: str
    approved_at: str


class HeldRow(AccountRow):
    """An account that is held back by this many faults."""

    rows: int
    faults: int


class Manifest(TypedDict):
    """One run. Rows read = rows in reports + rows of held accounts, always."""

    run: str
    kind: RunKind
    started: str
    finished: str
    columns: str  # the SHA-256 of the table
    source: Source
    totals: Totals
    reports: list[ReportRow]
    held: list[HeldRow]


class Night(TypedDict):
    """A nightly run without its accounts."""

    run: str
    kind: RunKind
    started: str
    status: Literal["complete", "held"]
    totals: Totals


class Ready(TypedDict):
    """What is ready."""

    reports: list[ReadyRow]
