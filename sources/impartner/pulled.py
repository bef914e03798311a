"""The result of a pull before it becomes an export, and the query for users."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl

from schemas.errors import ExportRefused
from schemas.faults import file_fault
from sources.impartner.cells import users_of
from sources.impartner.connection import Connection
from sources.impartner.fields import Fields
from sources.impartner.plan import PageSize
from sources.impartner.query import Query


@dataclass(frozen=True)
class Pulled:
    """Users (KEY, the account's columns, the table's fields) and accounts (`sources.export.ACCOUNTS`).

    accounts: None if the key's role may not read them. size: of the users' pages.
    """

    users: pl.DataFrame
    accounts: pl.DataFrame | None
    size: PageSize


def no_users(account: str | None) -> ExportRefused:
    """The refusal if there are no users, in the tenant or in one account."""
    remedy = "Check that the key's role may read users, and that the tenant is right"
    who = "returned no users" if account is None else f"has the account {account!r}, but no users of it"
    return ExportRefused(f"Impartner {who}. {remedy}", [file_fault("The export has rows", remedy)])


def users_query(
    connection: Connection, fields: Fields, size: PageSize, filter_: str | None = None, *, whole: bool = True
) -> Query:
    """Users with all fields or, if not `whole`, with their account only."""
    shown = fields if whole else Fields({}, fields.account_name)
    read = partial(users_of, fields=shown)
    return Query("User", shown.all, read, size, connection.concurrency, filter_, few=filter_ is not None)
