"""What manifests contain, key by key: that of a run (`runs/<run>/manifest.json`) and `ready/manifest.json`.

These shapes are public, and must still read files that are years old. `flows/run_manifest.py` and
`flows/review/next_ready.py` fill them; `exports/home` reads and writes the files.
"""

from typing import Literal, NotRequired, TypedDict

from schemas.review import Change

RunKind = Literal["nightly", "account"]


class Source(TypedDict):
    """Where the rows came from. Only a text file has an `encoding`, only a workbook a `sheet`.

    empty_columns: the fields of a pull that are null for everybody, if there are any.
    """

    kind: Literal["file", "impartner"]
    name: str  # the file's name, or the server's address
    sha256: str
    rows: int
    encoding: str | None
    sheet: str | None
    empty_columns: NotRequired[list[str]]


class Totals(TypedDict):
    """The counts of a run. accounts = written + held; `people` counts the rows of the written reports."""

    accounts: int
    written: int
    held: int
    people: int
    rows_read: int
    guarded_cells: int


class AccountRow(TypedDict):
    """An account. `account_id` is null if it has none; rows without an account are one with the name ""."""

    account: str
    account_id: str | None


class FileRow(AccountRow):
    """An account's report: its file, and the hash of its bytes."""

    file: str
    sha256: str


class StoredRow(FileRow):
    """What is needed to read a report back."""

    rows: int
    bytes: int


class ReportRow(StoredRow):
    """A report that a run wrote."""

    change: Change


class ReadyRow(ReportRow):
    """A ready report: the run that it comes from, who approved it, and when."""

    run: str
    approved_by: str
    approved_at: str


class HeldRow(AccountRow):
    """An account that is held back, with its rows and faults."""

    rows: int
    faults: int


class Manifest(TypedDict):
    """One run. Always: rows read = rows in reports + rows of held accounts."""

    run: str
    kind: RunKind
    started: str
    finished: str
    columns: str  # `schemas.columns.fingerprint`
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
    """`ready/manifest.json`."""

    reports: list[ReadyRow]
