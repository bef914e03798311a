"""Which ready report is an account's, and how the new one compares with it, from the rows of manifests alone.

`status.py` adds what was decided. Names that a person types are matched in `flows/find_account.py`.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from exports.home import ledger
from schemas.manifest import AccountRow, ReadyRow, ReportRow
from schemas.names import fold
from schemas.review import Change

T = TypeVar("T", bound=AccountRow)


def match(accounts: Sequence[AccountRow], rows: Sequence[ReadyRow]) -> list[ReadyRow | None]:
    """The ready report of each account: the one with the same id or, without ids, the same name.

    If only one side has an id, the name decides, unless several have it: an export that lost its id column must not put
    a partner's report into ready/ twice.
    """
    if not rows:
        return [None] * len(accounts)
    by_key = {ledger.key(row["account"], row["account_id"]): row for row in rows}
    matched = [by_key.get(ledger.key(account["account"], account["account_id"])) for account in accounts]
    if None not in matched:
        return matched
    taken = {id(row) for row in matched if row is not None}
    free = _by_unique_name([row for row in rows if id(row) not in taken])
    open_accounts = [account for account, row in zip(accounts, matched, strict=True) if row is None]
    unique = _by_unique_name(open_accounts)
    for place, account in enumerate(accounts):
        name = fold(account["account"])
        other = free.get(name)
        if matched[place] is None and other and name in unique and not (account["account_id"] and other["account_id"]):
            matched[place] = other
    return matched


def change_of(report: ReportRow, before: ReadyRow | None) -> Change:
    """How a report compares with the account's ready one; it is unchanged if bytes and name are the same."""
    if before is None:
        return "new"
    same = report["sha256"] == before["sha256"] and not former_name(report, before)
    return "unchanged" if same else "changed"


def former_name(account: AccountRow, before: ReadyRow | None) -> str | None:
    """The account's name in ready/, if it has another one now under the same id."""
    if before is None or not account["account_id"] or account["account_id"] != before["account_id"]:
        return None
    renamed = account["account"] != before["account"] and fold(account["account"]) != fold(before["account"])
    return str(before["account"]) if renamed else None


# ----------------------------------------------------------------------------------------------------------------------


def _by_unique_name(rows: Sequence[T]) -> dict[str, T]:
    counts = Counter(fold(row["account"]) for row in rows)
    named = ((fold(row["account"]), row) for row in rows)
    return {name: row for name, row in named if name and counts[name] == 1}
