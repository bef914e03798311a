"""The accounts with the e-mails of their primary users and owners, without pulling all users.

Primary users are requested by id, some at a time. `flows/pulled_contacts.py` keeps the result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import polars as pl

from schemas.columns import EMAIL
from sources.export import ACCOUNTS
from sources.impartner.accounts import PRIMARY, UNREAD, read_accounts_alone, with_addresses
from sources.impartner.backoff import Backoff
from sources.impartner.cells import KEY, keys_of, texts, values_of
from sources.impartner.client import ID, Client
from sources.impartner.connection import Connection
from sources.impartner.fields import Fields, survey_fields
from sources.impartner.pages import read_all
from sources.impartner.plan import PageSize
from sources.impartner.proof import UNPROVED, prove_account, prove_user
from sources.impartner.query import Query
from sources.impartner.responses import Row
from sources.impartner.running import bounded, run, together

AT_ONCE = 50  # ids in one filter


def pull_contacts(connection: Connection, backoff: Backoff | None = None) -> tuple[pl.DataFrame | None, list[str]]:
    """ACCOUNTS of the whole tenant, and notices; None if the key's role may not read accounts.

    Raises Unreachable if Impartner returns no answer that can be trusted.
    """
    return run(_pull(connection, backoff or Backoff()))


# ---------------------------------------------------------------------------------------------------------------------

_NOBODY = pl.Schema({KEY: pl.Int64(), "to": pl.String()})


async def _pull(connection: Connection, backoff: Backoff) -> tuple[pl.DataFrame | None, list[str]]:
    async with Client(connection, backoff, patient=True) as client:
        accounts = await bounded(connection, client, _accounts(client, connection))
    unproved = [UNPROVED] if connection.proof is None else []
    return accounts, [*unproved, *([UNREAD] if accounts is None else [])]


async def _accounts(client: Client, connection: Connection) -> pl.DataFrame | None:
    survey, may_read = await together(survey_fields(client), prove_account(client, connection))
    fields = survey.whole()
    await prove_user(client, connection, fields)
    accounts = await read_accounts_alone(client, connection) if may_read else None
    if accounts is None:
        return None
    primary = accounts[PRIMARY].drop_nulls().unique().sort().to_list()
    groups = [primary[start : start + AT_ONCE] for start in range(0, len(primary), AT_ONCE)]
    found = await asyncio.gather(*(_addresses(client, connection, fields, group) for group in groups))
    return with_addresses(accounts, pl.concat([_NOBODY.to_frame(), *found])).select(ACCOUNTS)


async def _addresses(client: Client, connection: Connection, fields: Fields, user_ids: Sequence[int]) -> pl.DataFrame:
    """KEY and `to`, the e-mail, of these users, as far as they exist."""
    email = fields.names[EMAIL]

    def read(rows: Sequence[Row]) -> pl.DataFrame:
        keys = keys_of(rows)
        return pl.DataFrame([keys, texts("to", values_of(rows, EMAIL, email), keys)])

    filter_ = f"{ID} in ({','.join(map(str, user_ids))})"
    return await read_all(client, Query("User", f"{ID},{email}", read, PageSize(AT_ONCE), 1, filter_))
