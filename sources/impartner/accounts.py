"""Impartner's accounts, and the check that each user's account is among them, with the same name.

`find.py` finds the account that a person means; `proof.py` proves the tenant by an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import Unreachable
from schemas.names import Pair, fold
from schemas.placeholders import is_placeholder
from sources.export import ACCOUNTS
from sources.impartner.cells import KEY, keys_of, texts, values_of
from sources.impartner.client import ACCOUNT, Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.doubt import Doubt, until_proved
from sources.impartner.fields import AccountFields, survey_account_fields
from sources.impartner.pages import confirm, read_pages
from sources.impartner.plan import PageSize
from sources.impartner.query import Query
from sources.impartner.responses import Row

PRIMARY = "__primary"  # id of the primary user
UNREAD = (
    "The key's role may not read accounts: the users' accounts can't be verified, and neither primary users nor tiers "
    "are known. Give the role permission to read Account"
)


async def survey_accounts(client: Client, connection: Connection) -> AccountFields | None:
    """The fields of accounts; None if the key's role may not see them."""
    try:
        return await survey_account_fields(client, connection.cc_field, connection.tier_field)
    except Refused:
        return None


def accounts_query(connection: Connection, fields: AccountFields | None, filter_: str | None = None) -> Query:
    """Accounts, in the shape of `accounts_of`; without fields, only id and name."""
    known = fields or AccountFields()
    read = partial(accounts_of, fields=known)
    return Query(ACCOUNT, known.all, read, PageSize(connection.page_size), connection.concurrency, filter_, few=True)


async def read_accounts(client: Client, connection: Connection, fields: AccountFields | None) -> pl.DataFrame | None:
    """All accounts, proved; None if the key's role may not read them. Raises Doubt."""
    query = accounts_query(connection, fields)
    try:
        reading = await read_pages(client, query)
        if not reading.in_one:
            await confirm(client, query, reading)
    except Refused:
        return None
    return reading.frame


async def read_accounts_alone(client: Client, connection: Connection) -> pl.DataFrame | None:
    """The same without the users, read again while in doubt. Raises Unreachable."""

    async def once() -> pl.DataFrame | None:
        return await read_accounts(client, connection, await survey_accounts(client, connection))

    return await until_proved(once, once, once)


def accounts_of(rows: Sequence[Row], fields: AccountFields) -> pl.DataFrame:
    """KEY, `account_id`, `account`, PRIMARY (Int64), `cc`, `tier`."""
    keys = keys_of(rows)
    return pl.DataFrame(
        [
            keys,
            keys.cast(pl.String).alias("account_id"),
            texts("account", values_of(rows, "Name", "Name"), keys, whose=ACCOUNT),
            pl.Series(PRIMARY, [_reference(row, fields.primary_user) for row in rows], pl.Int64),
            texts("cc", _values(rows, fields.owner), keys, whose=ACCOUNT),
            texts("tier", _values(rows, fields.tier), keys, fields.tiers, whose=ACCOUNT),
        ]
    )


def with_addresses(accounts: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """ACCOUNTS, for an export. addresses: KEY and `to`, the e-mail of users."""
    return accounts.join(addresses, left_on=PRIMARY, right_on=KEY, how="left", maintain_order="left").select(ACCOUNTS)


def pairs(accounts: pl.DataFrame | None) -> list[Pair]:
    """Names and ids, for finding one of them."""
    rows = [] if accounts is None else accounts.select("account", "account_id").rows()
    return [(name or "", account_id) for name, account_id in rows]


def counted(users: pl.DataFrame) -> dict[Pair, int]:
    """How many users each account has, by its name and id."""
    pairs = users.group_by(ACCOUNT_NAME, ACCOUNT_ID, maintain_order=True).len()
    return {(name or "", account_id): count for name, account_id, count in pairs.iter_rows()}


def check_some_have_one(users: pl.DataFrame) -> None:
    """Raises Unreachable if no user has an account: then the role or the tenant is wrong, not every user."""
    if users.height and users[ACCOUNT_ID].null_count() == users.height:
        raise Unreachable(
            f"Impartner returned no account for any of {users.height} users, so nobody can tell whose they are. "
            "Check that the key's role may read the users' account"
        )


def check_accounts(users: pl.DataFrame, accounts: pl.DataFrame) -> None:
    """Raises Doubt if a user's account is not among the accounts, or has another name there. Ignores placeholders."""
    names = dict(accounts.select("account_id", "account").iter_rows())
    for (name, account_id), count in counted(users).items():
        if account_id is None or is_placeholder(account_id):
            continue
        who = f"{count} {'user has' if count == 1 else 'users have'}"
        if account_id not in names:
            raise Doubt(f"{who} the account {account_id}, which is not among the accounts", _CORRECT)
        if fold(name) not in ("", fold(names[account_id] or "")):
            raise Doubt(f"{who} the account {account_id} as {name!r}, which is {names[account_id]!r} there", _CORRECT)


# ---------------------------------------------------------------------------------------------------------------------

_CORRECT = "Correct the account of these users in Impartner, and check that the key's role may read all accounts"


def _values(rows: Sequence[Row], name: str | None) -> list[Any]:
    """The objects' values under an API name; null if there is none, because no report depends on it."""
    return [row.get((name or "").casefold()) for row in rows]


def _reference(row: Row, name: str | None) -> int | None:
    """The id that a field refers to: `PrimaryUser` is returned as `primaryUserId`, or as an object with an id."""
    stem = (name or "").casefold().removesuffix("id")
    value = row.get(f"{stem}id", row.get(stem))
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None
