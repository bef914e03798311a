"""Writes a ready report as a workbook to a file."""

from pathlib import Path
from typing import TypedDict

from exports.home import ready
from exports.home.files import make_folder, write_file, write_for_person
from exports.home.layout import Home
from exports.reports.workbook import workbook
from flows.mail.accounts import ready_row, report_bytes


class Workbook(TypedDict):
    """A workbook that was written, and the report that it was made from."""

    account: str
    account_id: str | None
    file: str
    sha256: str
    rows: int


def keep_workbook(home: Home, wanted: str, out: Path | None) -> Workbook:
    """Write the workbook of an account's ready report to `out`, or to the folder of drafts under the report's name.

    Raises NoSuchAccount, NotAllowed if the account is not ready or a workbook can't hold the report, and WrongUsage if
    `out` can't be a file.
    """
    folder = ready.current(home)
    row = ready_row(home, ready.rows_of(folder) if folder else [], wanted)
    data = workbook(report_bytes(folder or home.ready, row))
    if out is None:
        out = home.drafts / Path(row["file"]).with_suffix(".xlsx").name
        with home.writing():
            make_folder(home.drafts)
            write_file(out, data)
    else:
        write_for_person(out, data)
    return {
        "account": row["account"],
        "account_id": row["account_id"],
        "file": str(out.absolute()),
        "sha256": row["sha256"],
        "rows": row["rows"],
    }
