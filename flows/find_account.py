"""The one account that a person means, by name or id, and what to say if there is none, or more than one.

How names and ids are compared is told in `schemas/names.py`, which Impartner's search goes by too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from schemas.errors import ExportRefused, WrongUsage
from schemas.names import Pair, find, near, with_ids


def choose(accounts: pl.DataFrame, wanted: str) -> pl.Series:
    """The number(s) of the account with this name or id; raises ExportRefused if there is none, or more than one.

    accounts: `account`, `name`, `account_id`, `unclear`, `unclear_names`. Rows that carry one of the account's names
    without its id come along: they hold the account back.
    """
    named = accounts.filter(pl.col("name") != "")
    places = find(wanted, named.select("name", "account_id").iter_rows())
    meant = named[pl.Series(places, dtype=pl.UInt32)]
    if meant.is_empty():
        hint = near(wanted, named["name"])
        raise ExportRefused(f"The export has no account {wanted!r}.{hint} Give the name or the id as Impartner has it")
    known = _with_id_for_unclear(meant, named)
    if known.height > 1:
        raise ExportRefused(_several(wanted, known.select("name", "account_id").rows()))
    names = known["unclear_names"].item()
    return named.filter(
        (pl.col("account") == known["account"].item()) | (_LACKS_ITS_ID & pl.col("name_key").is_in(names.implode()))
    )["account"]


def identity(wanted: str, known: Iterable[Mapping[str, Any]]) -> Pair:
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

_LACKS_ITS_ID = pl.col("account_id").is_null() & (pl.col("unclear") > 0)


def _with_id_for_unclear(meant: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The accounts with an id that rows without one may belong to, instead of those rows."""
    unclear = meant.filter(_LACKS_ITS_ID)["name_key"]
    known = meant.filter(~_LACKS_ITS_ID)
    if not known.is_empty():
        return known
    shares = pl.col("unclear_names").list.eval(pl.element().is_in(unclear.implode())).list.any()
    return named.filter(pl.col("account_id").is_not_null() & shares)


def _several(wanted: str, candidates: Sequence[Pair]) -> str:
    shown = with_ids(candidates)
    return f"{wanted!r} could be one of {len(candidates)} accounts: {shown}. Give the id of the one you mean"
