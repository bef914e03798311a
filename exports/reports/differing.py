"""Two states of the same reports, without the rows that are in both: most rows of a changed report are what they were.

Rows are compared as the bytes that they are in the files, one account at a time: sets of bytes need neither a parse nor
a copy of all reports in memory. Files are read in `read.py`, what changed in a row is found by `transforms/changes.py`.
"""

from collections.abc import Collection, Iterable

import polars as pl

from exports.reports.read import Bodies, Stored, heading_and_body
from schemas.columns import HEADINGS
from schemas.profiles import LINE_END

END = LINE_END.encode()
END_IN_QUOTES = b"\0"  # no report holds one


def read_differing(before: Iterable[Stored], after: Iterable[Stored]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows before and after, as `read_reports` gives them but in any order, without those of both.

    Raises NotAllowed if a report is gone or its bytes are not those of its manifest.
    """
    were, are = Bodies(), Bodies()
    left = {report.account: report for report in before}
    for report in after:
        if earlier := left.pop(report.account, None):
            _add_differing(earlier, report, were, are)
        else:
            are.add(report.account, *heading_and_body(report), report.row["rows"])
    for report in left.values():
        were.add(report.account, *heading_and_body(report), report.row["rows"])
    return were.cells(HEADINGS), are.cells(HEADINGS)


# ---------------------------------------------------------------------------------------------------------------------


def _add_differing(before: Stored, after: Stored, were: Bodies, are: Bodies) -> None:
    """The rows of an account that only one side has; all, if the headings differ or a row is there twice."""
    (heading, body), (new_heading, new_body) = heading_and_body(before), heading_and_body(after)
    rows, new_rows = _rows(body, before.row["rows"]), _rows(new_body, after.row["rows"])
    old, new = set(rows), set(new_rows)
    is_comparable = heading == new_heading and len(old) + len(new) == len(rows) + len(new_rows)
    for bodies, head, kept in (
        (were, heading, old - new if is_comparable else rows),
        (are, new_heading, new - old if is_comparable else new_rows),
    ):
        bodies.add(after.account, head, _body(kept), len(kept))


def _rows(body: bytes, count: int) -> list[bytes]:
    """The rows, so many, without their ends. A line end within quotes is END_IN_QUOTES."""
    if body.count(END) > count:
        parts = body.split(b'"')  # by turns outside and inside of quotes
        parts[1::2] = [part.replace(END, END_IN_QUOTES) for part in parts[1::2]]
        body = b'"'.join(parts)
    return body.split(END)[:-1]


def _body(rows: Collection[bytes]) -> bytes:
    return b"".join(row + END for row in rows).replace(END_IN_QUOTES, END)
