"""The users of one account, and its contacts and tier, in three rounds of requests.

First the fields; then, at once, the accounts and users with the typed name or id, and the proof of the tenant; then the
number of users under the account's id and names. Only if a name is not spelled as in Impartner, or can't be filtered
for, all accounts are searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.names import Pair
from sources.impartner.account_queries import AccountQueries
from sources.impartner.accounts import (
    PRIMARY,
    check_accounts,
    check_some_have_one,
    pairs,
    survey_accounts,
    with_addresses,
)
from sources.impartner.cells import KEY
from sources.impartner.client import Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.doubt import until_proved
from sources.impartner.fields import survey_fields
from sources.impartner.find import Account, choose, unknown
from sources.impartner.pages import Reading, confirm, read_pages
from sources.impartner.plan import PageSize
from sources.impartner.proof import prove_user
from sources.impartner.pulled import Pulled, no_users
from sources.impartner.query import OnRead, Query
from sources.impartner.running import together


async def pull_account(client: Client, connection: Connection, wanted: str, on_read: OnRead) -> Pulled:
    """The users of the account with this name or id.

    Raises ExportRefused if none or several accounts have it, and Unreachable.
    """
    survey, account_fields = await together(survey_fields(client), survey_accounts(client, connection))
    size = PageSize(connection.page_size)
    queries = AccountQueries(client, connection, survey.whole(), account_fields, size, on_read)
    accounts, users, _ = await together(
        queries.accounts_named(wanted), queries.users_of_account(wanted), prove_user(client, connection, queries.fields)
    )
    account, accounts = await _choose(queries, wanted, accounts, users)
    attempts = _Attempts(queries, account)
    return await until_proved(lambda: attempts.with_these(accounts, users), attempts.anew, attempts.anew)


# ---------------------------------------------------------------------------------------------------------------------


async def _choose(
    queries: AccountQueries, wanted: str, accounts: pl.DataFrame | None, users: Reading | None
) -> tuple[Account, pl.DataFrame | None]:
    """The account that is meant, and the accounts among which it was found."""
    known = [*pairs(accounts), *_pairs_of(users.frame if users else None)]
    account = choose(wanted, known)
    if account is None:
        accounts = await queries.all_accounts()
        known = _pairs_of(await queries.all_users()) if accounts is None else pairs(accounts)
        account = choose(wanted, known)
    elif account.id is None:  # then only its names identify it, and other spellings are the same account
        account = choose(wanted, _pairs_of(await queries.all_users()))
    if account is None:
        raise unknown(wanted, known)
    return account, accounts


def _pairs_of(users: pl.DataFrame | None) -> list[Pair]:
    found = [] if users is None else users.select(ACCOUNT_NAME, ACCOUNT_ID).unique(maintain_order=True).rows()
    return [(name or "", account_id) for name, account_id in found]


@dataclass
class _Attempts:
    """Pulls of one account until one is proved. They share what was learnt of its names and accepted filters."""

    queries: AccountQueries
    account: Account
    lenience: int = 0  # index of the first of the account's filters that is not refused

    async def with_these(self, accounts: pl.DataFrame | None, users: Reading | None) -> Pulled:
        """With the answers for the typed name or id. Raises Doubt."""
        return await self.anew() if users is None else await self._proved(accounts, users)

    async def anew(self) -> Pulled:
        """With new requests. Raises Doubt."""
        return await self._proved(*await together(self.queries.account(self.account.id), self._read()))

    async def _read(self) -> Reading:
        try:
            return await read_pages(self.queries.client, self._query(), self.queries.on_read)
        except Refused as refused:
            self.lenience += 1
            if refused.failure.kind != "query" or self.lenience == len(self.account.filters(self.queries.fields)):
                raise
        return await self._read()

    async def _proved(self, accounts: pl.DataFrame | None, users: Reading) -> Pulled:
        self.account = self.account.with_names_of(users.frame)
        own_account = None if accounts is None else accounts.filter(pl.col("account_id").eq_missing(self.account.id))
        primary = [] if own_account is None else own_account[PRIMARY].drop_nulls().to_list()
        others, _ = await together(
            self.queries.addresses([user for user in primary if user not in users.frame[KEY]]),
            confirm(self.queries.client, self._query(), users),
        )
        own = self.account.users_of(users.frame)
        if own.is_empty():
            raise no_users(self.account.name)
        if self.account.id is not None:
            check_some_have_one(own)
        if own_account is None:
            return Pulled(own, None, self.queries.size)
        check_accounts(own, own_account)
        addresses = pl.concat([users.frame.select(KEY, to="Email"), others])
        return Pulled(own, with_addresses(own_account, addresses), self.queries.size)

    def _query(self) -> Query:
        return self.queries.users(self.account.filters(self.queries.fields)[self.lenience])
