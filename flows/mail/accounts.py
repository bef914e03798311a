"""The account that a person means, among those that are ready, those that any run has, and those of the ledger."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from exports.home import ledger
from exports.home.files import read_file
from exports.home.layout import Home
from schemas.errors import NoSuchAccount, NotAllowed
from schemas.names import Pair, find, near, with_ids

Row = Mapping[str, Any]  # of a manifest: at least `account` and `account_id`


def find_row(home: Home, rows: Sequence[Row], wanted: str) -> Row:
    """The account of this name or id: its row of `rows` (those that are ready), else one without `run`: that of the
    newest run that has it, or of the ledger if its runs are gone. Raises NoSuchAccount if nobody has it, or if several
    could be meant."""
    recent = list[Row]()
    for known in chain([rows], _earlier(home, recent)):
        if places := find(wanted, map(_pair, known)):
            return _only([known[place] for place in places], wanted)
    hint = near(wanted, (row["account"] for row in (*rows, *recent)))
    raise NoSuchAccount(f"There is no account {wanted!r}.{hint} Give the name or the id as Impartner has it")


def is_ready(row: Row) -> bool:
    """Whether a row is of ready/."""
    return "run" in row


def ready_row(home: Home, rows: Sequence[Row], wanted: str) -> Row:
    """As `find_row`, of a report that is ready; raises NotAllowed if it is not."""
    row = find_row(home, rows, wanted)
    if not is_ready(row):
        raise NotAllowed(not_ready(row))
    return row


def not_ready(row: Row) -> str:
    """The refusal of an account without a ready report."""
    return (
        f"{row['account']} has no ready report: it is held back, or nobody has let it through yet. "
        "See it with partner-certs review, then approve and release"
    )


def report_bytes(folder: Path, row: Row) -> bytes:
    """The bytes of a ready report, in a resolved ready/. Raises NotAllowed if they are gone or altered."""
    data = read_file(str(folder / row["file"]), row["bytes"]) or b""
    if hashlib.sha256(data).hexdigest() == row["sha256"]:
        return data
    raise NotAllowed(
        f"The ready report of {row['account']} is gone or not what was approved. Send it to nobody; "
        "partner-certs release puts it right"
    )


# ---------------------------------------------------------------------------------------------------------------------


def _pair(row: Row) -> Pair:
    return row["account"], row["account_id"]


def _only(rows: Sequence[Row], wanted: str) -> Row:
    if len(rows) > 1:
        raise NoSuchAccount(
            f"{wanted!r} could be one of {len(rows)} accounts: {with_ids([*map(_pair, rows)])}. "
            "Give the id of the one you mean"
        )
    return rows[0]


def _earlier(home: Home, recent: list[Row]) -> Iterator[Sequence[Row]]:
    """The accounts of runs, reports and those that were held, the newest run first, then those of the ledger.

    Runs of one account that came after the newest nightly one count with it; these accounts are put into `recent`.
    Older runs are read only if they are asked for: a year of manifests is much to read.
    """
    ends = sorted(home.ends(), reverse=True)
    newest = next((place for place, (_, kind) in enumerate(ends) if kind == "nightly"), len(ends) - 1)
    recent.extend(_distinct(row for ended, _ in ends[: newest + 1] for row in _rows_of(home, ended.run)))
    yield recent
    for ended, _ in ends[newest + 1 :]:
        yield _rows_of(home, ended.run)
    yield _distinct({"account": line["account"], "account_id": line["account_id"]} for line in ledger.read(home))


def _rows_of(home: Home, run: str) -> Sequence[Row]:
    manifest = home.manifest(run)
    return [row for row in (*manifest["reports"], *manifest["held"]) if row["account"]]


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """Each account once, as it comes first."""
    by_key: dict[ledger.Key, Row] = {}
    for row in rows:
        by_key.setdefault(ledger.key(row["account"], row["account_id"]), row)
    return list(by_key.values())
