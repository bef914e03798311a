"""Finding the one account that a person means, by name or id, forgiving letter case and blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from schemas.errors import ExportRefused
from schemas.names import BLANKS, fold, fold_blanks, near


def choose(accounts: pl.DataFrame, wanted: str) -> pl.Series:
    """The number(s) of the account with this name or id; raises ExportRefused if there is none, or more than one.

    accounts: `account`, `name`, `account_id`, `unclear`, `unclear_names`. Rows that carry one of the account's names
    without its id come along: they hold the account back.
    """
    named = accounts.filter(pl.col("name") != "")
    meant = _meant(named, wanted)
    if meant.is_empty():
        raise ExportRefused(_unknown(wanted, named))
    known = _with_id_for_unclear(meant, named)
    if known.height > 1:
        raise ExportRefused(_ambiguous(wanted, known))
    names = known["unclear_names"].item()
    return named.filter(
        (pl.col("account") == known["account"].item()) | (_LACKS_ITS_ID & pl.col("name_key").is_in(names.implode()))
    )["account"]


def identity(wanted: str, known: Sequence[Mapping[str, Any]]) -> tuple[str, str | None]:
    """Name and id of the account that a file without account columns is the download of.

    It is the one of `known` (`account`, `account_id`) that is meant, so that its report does not go by another name;
    else one of the name that was said. Raises ExportRefused if several could be meant.
    """
    columns = {"name": pl.String, "account_id": pl.String}
    accounts = pl.DataFrame([(one["account"], one["account_id"]) for one in known], columns, orient="row")
    meant = _meant(accounts, wanted)
    if meant.height > 1:
        raise ExportRefused(_ambiguous(wanted, meant))
    name, account_id = meant.row(0) if meant.height else (wanted, None)
    return name, account_id


_LACKS_ITS_ID = pl.col("account_id").is_null() & (pl.col("unclear") > 0)


def _meant(named: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """Letter case and blanks around are forgiven; blanks within only where nothing else fits."""
    for key in (fold, fold_blanks):
        looked_for = key(wanted)
        told = named.select("name", "account_id").iter_rows()
        names = [name != account_id and key(name) == looked_for for name, account_id in told]
        ids = [account_id is not None and key(account_id) == looked_for for account_id in named["account_id"]]
        meant = named.filter(pl.Series(names, dtype=pl.Boolean) | pl.Series(ids, dtype=pl.Boolean))
        if meant.height > 1 and not any(names):  # ids that differ in letter case only
            meant = _exactly(meant, wanted)
        if not meant.is_empty():
            break
    return meant


def _exactly(meant: pl.DataFrame, wanted: str) -> pl.DataFrame:
    exact = meant.filter(pl.col("account_id") == wanted.strip(BLANKS))
    return meant if exact.is_empty() else exact


def _with_id_for_unclear(meant: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The accounts with an id that rows without one may belong to, instead of those rows."""
    unclear = meant.filter(_LACKS_ITS_ID)["name_key"]
    known = meant.filter(~_LACKS_ITS_ID)
    if not known.is_empty():
        return known
    shares = pl.col("unclear_names").list.eval(pl.element().is_in(unclear.implode())).list.any()
    return named.filter(pl.col("account_id").is_not_null() & shares)


def _unknown(wanted: str, named: pl.DataFrame) -> str:
    hint = near(wanted, named["name"])
    return f"The export has no account {wanted!r}.{hint} Give the name or the id as Impartner has it"


def _ambiguous(wanted: str, candidates: pl.DataFrame) -> str:
    ids = ", ".join(f"{i or 'no id'} ({name})" for name, i in candidates.select("name", "account_id").iter_rows())
    return f"{wanted!r} could be one of {candidates.height} accounts: {ids}. Give the id of the one you mean"
