"""All users of the tenant and its accounts, proved to fit together."""

from __future__ import annotations

import polars as pl

from sources.impartner.accounts import (
    check_accounts,
    check_some_have_one,
    read_accounts,
    survey_accounts,
    with_addresses,
)
from sources.impartner.cells import KEY
from sources.impartner.client import Client
from sources.impartner.connection import Connection
from sources.impartner.doubt import until_proved
from sources.impartner.fields import Fields, survey_fields
from sources.impartner.pages import confirm, read_all, read_pages
from sources.impartner.plan import PageSize
from sources.impartner.proof import prove_account, prove_user
from sources.impartner.pulled import Pulled, no_users, users_query
from sources.impartner.query import OnRead
from sources.impartner.running import together


async def pull_everybody(client: Client, connection: Connection, on_read: OnRead) -> Pulled:
    """Everybody, ordered by id. No personal data is requested before the tenant's account is proved.

    Raises Unreachable and ExportRefused.
    """
    survey, may_read = await together(survey_fields(client), prove_account(client, connection))
    fields, size = survey.whole(), PageSize(connection.page_size)
    if not may_read:  # then a user of that account is the only possible proof
        await prove_user(client, connection, fields)
        users = await read_all(client, users_query(connection, fields, size), on_read)
        return _whole(users, None, size)

    async def once() -> Pulled:
        return await _once(client, connection, fields, size, on_read)

    return await until_proved(once, once, once)


# ---------------------------------------------------------------------------------------------------------------------


async def _once(client: Client, connection: Connection, fields: Fields, size: PageSize, on_read: OnRead) -> Pulled:
    """One pull. The last count must wait for the last page; accounts and proof are requested along with it."""
    query = users_query(connection, fields, size)
    reading, account_fields = await together(read_pages(client, query, on_read), survey_accounts(client, connection))
    accounts, *_ = await together(
        read_accounts(client, connection, account_fields),
        confirm(client, query, reading),
        prove_user(client, connection, fields),
    )
    return _whole(reading.frame, accounts, size)


def _whole(users: pl.DataFrame, accounts: pl.DataFrame | None, size: PageSize) -> Pulled:
    """Users and accounts together. Raises Doubt if they don't fit, ExportRefused without users, and Unreachable."""
    if users.is_empty():
        raise no_users(None)
    check_some_have_one(users)
    if accounts is None:
        return Pulled(users, None, size)
    check_accounts(users, accounts)
    return Pulled(users, with_addresses(accounts, users.select(KEY, to="Email")), size)
