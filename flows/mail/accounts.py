"""The account that a person means, among those that are ready and those that any run has."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exports.home.files import read_file
from exports.home.layout import Home
from schemas.errors import NoSuchAccount, NotAllowed
from schemas.names import Pair, find, near, with_ids

Row = Mapping[str, Any]  # of a manifest: at least `account` and `account_id`


def find_row(home: Home, rows: Sequence[Row], wanted: str) -> Row:
    """The account of this name or id: its row of `rows` (those that are ready), else that of the newest run that has
    it, which has no `run`. Raises NoSuchAccount if nobody has it, or if several could be meant."""
    known = rows
    places = find(wanted, map(_pair, known))
    if not places:
        known = _of_runs(home)
        places = find(wanted, map(_pair, known))
    if len(places) > 1:
        pairs = [_pair(known[place]) for place in places]
        raise NoSuchAccount(
            f"{wanted!r} could be one of {len(pairs)} accounts: {with_ids(pairs)}. Give the id of the one you mean"
        )
    if not places:
        hint = near(wanted, (row["account"] for row in (*rows, *known)))
        raise NoSuchAccount(f"There is no account {wanted!r}.{hint} Give the name or the id as Impartner has it")
    return known[places[0]]


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
    """What to say of an account without a ready report."""
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


def _of_runs(home: Home) -> list[Row]:
    """The accounts of all runs, each once, as the newest run has it; reports and those that were held."""
    found: dict[str, Row] = {}
    for manifest in home.manifests():
        for row in (*manifest["reports"], *manifest["held"]):
            if row["account"]:
                found.setdefault(row["account_id"] or f"\0{row['account']}", row)
    return list(found.values())
