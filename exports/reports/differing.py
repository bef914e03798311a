"""Two states of the same reports without the rows that are in both, which are most rows of a changed report.

Rows are compared as bytes, one account at a time, which needs neither parsing nor a copy of all reports in memory.
`read.py` reads the files; `transforms/changes.py` finds what changed in a row.
"""

from collections.abc import Collection, Iterable, Iterator

import polars as pl

from exports.reports.read import Bodies, Stored, heading_and_body
from schemas.columns import HEADINGS
from schemas.profiles import LINE_END

END = LINE_END.encode()


def read_differing(before: Iterable[Stored], after: Iterable[Stored]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows before and after, as from `read_reports` but in any order, without those that are in both.

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
    """Add the rows of an account that only one side has; all rows if the headings differ or a row is repeated."""
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
    """The rows of a body, without line ends. count: how many there are."""
    rows = body.split(END)
    rows.pop()
    return rows if len(rows) == count else [*_whole(rows)]


def _whole(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The rows from parts that were split at line ends inside quotes, too."""
    row: list[bytes] = []  # joined once, because a cell may have millions of line ends
    is_quoted = False
    for part in parts:
        row.append(part)
        is_quoted ^= part.count(b'"') % 2 == 1
        if not is_quoted:
            yield END.join(row)
            row.clear()


def _body(rows: Collection[bytes]) -> bytes:
    return END.join([*rows, b""])
