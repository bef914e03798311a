"""The one account that a person means, by name or id, and the refusal if there is none, or more than one.

How names and ids are compared is in `schemas/names.py`, which Impartner's search goes by too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from schemas.errors import ExportRefused, WrongUsage
from schemas.manifest import AccountRow
from schemas.names import Pair, find, near, with_ids

if TYPE_CHECKING:
    from transforms.accounts import Accounts


def choose(accounts: Accounts, wanted: str) -> int:
    """The number of the account with this name or id; raises ExportRefused if there is none, or more than one.

    Rows that carry an account's name without its id are not meant: they throw doubt on the account, and come with it.
    """
    named = accounts.table.filter(pl.col("name") != "")
    places = find(wanted, named.select("name", "account_id").iter_rows())
    if not places:
        hint = near(wanted, named["name"])
        raise ExportRefused(f"The export has no account {wanted!r}.{hint} Give the name or the id as Impartner has it")
    meant = named["account"].gather(places)
    doubted = accounts.doubts.filter(pl.col("by").is_in(meant.implode()))["account"]
    candidates = named.filter(pl.col("account").is_in((meant if doubted.is_empty() else doubted).implode()))
    if candidates.height > 1:
        raise ExportRefused(_several(wanted, candidates.select("name", "account_id").rows()))
    return int(candidates["account"].item())


def identity(wanted: str, known: Iterable[AccountRow]) -> Pair:
    """Name and id of the account that a file without account columns is the download of.

    It is the one of `known` that is meant, so that its report does not go by another name; else it is called as it was
    asked for. Raises ExportRefused if several could be meant.
    """
    pairs = [(row["account"], row["account_id"]) for row in known]
    meant = [pairs[place] for place in find(wanted, pairs)]
    if len(meant) > 1:
        raise ExportRefused(_several(wanted, meant))
    return meant[0] if meant else (wanted, None)


def of_run(run: str, pairs: Sequence[Pair], wanted: str) -> int:
    """The place of the one account of a run that is meant; raises WrongUsage if there is none, or more than one."""
    meant = find(wanted, pairs)
    if not meant:
        hint = near(wanted, (name for name, _ in pairs if name))
        raise WrongUsage(
            f"Run {run} has no account {wanted!r}.{hint} See its accounts with: partner-certs review {run} --full"
        )
    if len(meant) > 1:
        ids = ", ".join(account_id or f"{name} (without an id)" for name, account_id in (pairs[at] for at in meant))
        raise WrongUsage(f"Several accounts are called {wanted!r}. Say which one by its id: {ids}")
    return meant[0]


# ---------------------------------------------------------------------------------------------------------------------


def _several(wanted: str, candidates: Sequence[Pair]) -> str:
    shown = with_ids(candidates)
    return f"{wanted!r} could be one of {len(candidates)} accounts: {shown}. Give the id of the one you mean"
