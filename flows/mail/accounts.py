"""Finds the account that a person means among those that are ready, in any run, or in the ledger."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from exports.home import ledger
from exports.home.files import read_file
from exports.home.layout import Home
from schemas.errors import NoSuchAccount, NotAllowed
from schemas.names import Pair, find, near, several

Row = Mapping[str, Any]  # of a manifest: at least `account` and `account_id`


def find_row(home: Home, rows: Sequence[Row], wanted: str) -> Row:
    """The account with this name or id: its row in `rows` (those that are ready), else a row without `run`, from the
    newest run that has it, or from the ledger. Raises NoSuchAccount if there is none, or if several could be meant."""
    recent = list[Row]()
    for known in chain([rows], _earlier(home, recent)):
        if indexes := find(wanted, map(_pair, known)):
            return _only([known[index] for index in indexes], wanted)
    hint = near(wanted, (row["account"] for row in (*rows, *recent)))
    raise NoSuchAccount(f"There is no account {wanted!r}.{hint} Give the name or the id as Impartner has it")


def is_ready(row: Row) -> bool:
    """Whether a row is from ready/."""
    return "run" in row


def ready_row(home: Home, rows: Sequence[Row], wanted: str) -> Row:
    """As `find_row`, but raises NotAllowed if the account has no ready report."""
    row = find_row(home, rows, wanted)
    if not is_ready(row):
        raise NotAllowed(not_ready(row))
    return row


def not_ready(row: Row) -> str:
    """The message for an account without a ready report."""
    return (
        f"{row['account']} has no ready report: it is held back, or not approved and released yet. "
        "See it with partner-certs review, then approve and release"
    )


def report_bytes(folder: Path, row: Row) -> bytes:
    """The bytes of a ready report, in a resolved ready/. Raises NotAllowed if they are gone or altered."""
    data = read_file(str(folder / row["file"]), row["bytes"]) or b""
    if hashlib.sha256(data).hexdigest() == row["sha256"]:
        return data
    raise NotAllowed(
        f"The ready report of {row['account']} is gone or not what was approved. Do not send it; "
        "restore it with: partner-certs release"
    )


# ---------------------------------------------------------------------------------------------------------------------


def _pair(row: Row) -> Pair:
    return row["account"], row["account_id"]


def _only(rows: Sequence[Row], wanted: str) -> Row:
    if len(rows) > 1:
        raise NoSuchAccount(several(wanted, [*map(_pair, rows)]))
    return rows[0]


def _earlier(home: Home, recent: list[Row]) -> Iterator[Sequence[Row]]:
    """The accounts of runs, held ones too, the newest run first, then those of the ledger.

    The accounts of the newest nightly run, and of runs of one account after it, come together; they are also put into
    `recent`. Older runs are read only if they are needed: a year of manifests takes long.
    """
    ends = sorted(home.ends(), reverse=True)
    newest = next((index for index, (_, kind) in enumerate(ends) if kind == "nightly"), len(ends) - 1)
    recent.extend(_distinct(row for ended, _ in ends[: newest + 1] for row in _rows_of(home, ended.run)))
    yield recent
    for ended, _ in ends[newest + 1 :]:
        yield _rows_of(home, ended.run)
    yield _distinct({"account": line["account"], "account_id": line["account_id"]} for line in ledger.read(home))


def _rows_of(home: Home, run: str) -> Sequence[Row]:
    manifest = home.manifest(run)
    return [row for row in (*manifest["reports"], *manifest["held"]) if row["account"]]


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """The first row of each account."""
    by_key: dict[ledger.Key, Row] = {}
    for row in rows:
        by_key.setdefault(ledger.key(row["account"], row["account_id"]), row)
    return list(by_key.values())
