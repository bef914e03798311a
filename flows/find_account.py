"""Finds the one account that a person means, by name or id, or refuses if there is none, or more than one.

How names and ids are compared is in `schemas/names.py`, which the search in Impartner uses too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from schemas.errors import ExportRefused, WrongUsage
from schemas.manifest import AccountRow
from schemas.names import Pair, find, near, several

if TYPE_CHECKING:
    from transforms.accounts import Accounts


def choose(accounts: Accounts, wanted: str) -> int:
    """The number of the account with this name or id; raises ExportRefused if there is none, or more than one.

    Rows with an account's name but without its id are no account of their own here: they hold that account back.
    """
    named = accounts.table.filter(pl.col("name") != "")
    indexes = find(wanted, named.select("name", "account_id").iter_rows())
    if not indexes:
        hint = near(wanted, named["name"])
        raise ExportRefused(f"The export has no account {wanted!r}.{hint} Give the name or the id as Impartner has it")
    meant = named["account"].gather(indexes)
    doubted = accounts.doubts.filter(pl.col("by").is_in(meant.implode()))["account"]
    candidates = named.filter(pl.col("account").is_in((meant if doubted.is_empty() else doubted).implode()))
    if candidates.height > 1:
        raise ExportRefused(several(wanted, candidates.select("name", "account_id").rows()))
    return int(candidates["account"].item())


def identity(wanted: str, known: Iterable[AccountRow]) -> Pair:
    """The name and id for the rows of a file without account columns.

    They are those of the account in `known` that is meant, so that its report keeps its name; else the wanted name.
    Raises ExportRefused if several could be meant.
    """
    pairs = [(row["account"], row["account_id"]) for row in known]
    meant = [pairs[index] for index in find(wanted, pairs)]
    if len(meant) > 1:
        raise ExportRefused(several(wanted, meant))
    return meant[0] if meant else (wanted, None)


def of_run(run: str, pairs: Sequence[Pair], wanted: str) -> int:
    """The index of the account of a run that is meant; raises WrongUsage if there is none, or more than one."""
    meant = find(wanted, pairs)
    if not meant:
        hint = near(wanted, (name for name, _ in pairs if name))
        raise WrongUsage(
            f"Run {run} has no account {wanted!r}.{hint} See its accounts with: partner-certs review {run} --full"
        )
    if len(meant) > 1:
        ids = ", ".join(account_id or f"{name} (without an id)" for name, account_id in (pairs[at] for at in meant))
        either = f"by its id: {ids}, or by a name that only it has"
        raise WrongUsage(f"Several accounts are called {wanted!r}. Say which one {either}")
    return meant[0]
