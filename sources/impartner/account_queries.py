"""The requests that a pull of one account makes: by id, by name, or for all accounts and users."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.names import BLANKS
from sources.impartner.accounts import accounts_of, accounts_query, pairs
from sources.impartner.cells import KEY, keys_of, texts, values_of
from sources.impartner.client import ACCOUNT, ID, Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.fields import AccountFields, Fields
from sources.impartner.filters import has_id, has_id_or_equals, is_one_of
from sources.impartner.pages import Reading, read_all, read_once, read_pages
from sources.impartner.plan import PageSize
from sources.impartner.proof import check_proof, prove_account
from sources.impartner.pulled import users_query
from sources.impartner.query import OnRead, Query


@dataclass(frozen=True)
class AccountQueries:
    """Requests for the accounts and users of one pull. size: of the users' pages."""

    client: Client
    connection: Connection
    fields: Fields
    account_fields: AccountFields | None
    size: PageSize
    on_read: OnRead

    def users(self, filter_: str) -> Query:
        """The users that match the filter, with all fields."""
        return users_query(self.connection, self.fields, self.size, filter_)

    async def users_of_account(self, wanted: str) -> Reading | None:
        """The users whose account has this name or id; None if names can't be filtered for."""
        name = wanted.strip(BLANKS)
        by_id = [filter_] if (filter_ := has_id(ACCOUNT, name)) else []
        filters = [*by_id, *is_one_of(self.fields.account_name, [name])]
        try:
            return await read_pages(self.client, self.users(" or ".join(filters)), self.on_read)
        except Refused as refused:
            if refused.failure.kind != "query":
                raise
            return None

    async def accounts_named(self, wanted: str) -> pl.DataFrame | None:
        """The accounts with this name or id, with the tenant proved; None if accounts may not be read."""
        name, proof = wanted.strip(BLANKS), self.connection.proof
        by_id = [filter_ for filter_ in (proof and has_id_or_equals(ID, proof[0]), has_id(ID, name)) if filter_]
        try:
            found = (await read_pages(self.client, self._accounts([*by_id, *is_one_of("Name", [name])]))).frame
        except Refused as refused:
            can_t_filter = refused.failure.kind == "query" and await prove_account(self.client, self.connection)
            return await self.all_accounts() if can_t_filter else None
        check_proof(self.connection, pairs(found))
        return found

    async def account(self, account_id: str | None) -> pl.DataFrame | None:
        """The account with this id, if it has one; None if accounts may not be read. Raises Doubt."""
        if account_id is None:
            return accounts_of([], AccountFields())
        try:
            return await read_once(self.client, self._accounts([has_id_or_equals(ID, account_id)]))
        except Refused:
            return None

    async def all_accounts(self) -> pl.DataFrame | None:
        """All accounts; None if they may not be read."""
        try:
            return await read_all(self.client, self._accounts([]))
        except Refused:
            return None

    async def all_users(self) -> pl.DataFrame:
        """All users, with their account only."""
        return await read_all(self.client, users_query(self.connection, self.fields, self.size, whole=False))

    async def addresses(self, user_ids: list[int]) -> pl.DataFrame:
        """KEY and `to`, the e-mail, of these few users."""
        if not user_ids:
            return pl.DataFrame(schema={KEY: pl.Int64, "to": pl.String})
        email = self.fields.names["Email"]
        by_id = " or ".join(f"{ID} = {user_id}" for user_id in user_ids)
        query: dict[str, str | int] = {
            "fields": f"{ID},{email}",
            "filter": by_id,
            "orderby": ID,
            "skip": 0,
            "take": len(user_ids),
        }
        rows = (await self.client.page("User", query)).rows
        keys = keys_of(rows)
        return pl.DataFrame([keys, texts("to", values_of(rows, "Email", email), keys)])

    def _accounts(self, filters: list[str]) -> Query:
        return accounts_query(self.connection, self.account_fields, " or ".join(filters) or None)
