"""What `partner-certs doctor` checks at Impartner: key, tenant, fields, accounts, and one real page of users."""

from dataclasses import replace

import polars as pl

from schemas.columns import FIELDS
from schemas.errors import Stop, Unreachable
from schemas.health import Check
from sources.impartner.accounts import UNREAD, check_accounts, check_some_have_one, read_accounts_alone
from sources.impartner.backoff import Backoff
from sources.impartner.client import ID, Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.doubt import Doubt
from sources.impartner.fields import CORRECT_LABELS, Fields, survey_fields
from sources.impartner.plan import PageSize
from sources.impartner.proof import UNPROVED, prove_account, prove_user
from sources.impartner.pulled import users_query
from sources.impartner.query import Query
from sources.impartner.running import bounded, run

PATIENCE = 60.0  # seconds in all, because somebody is waiting


def examine(connection: Connection, *, backoff: Backoff | None = None) -> list[Check]:
    """The checks in their order, up to the first that would stop a pull. Problems are in them, not raised."""
    return run(_examine(connection, backoff or Backoff()))


# ---------------------------------------------------------------------------------------------------------------------


async def _examine(connection: Connection, backoff: Backoff) -> list[Check]:
    checks: list[Check] = []
    async with Client(connection, backoff) as client:
        try:
            await bounded(
                replace(connection, patience=min(PATIENCE, connection.patience)),
                client,
                _check(client, connection, checks),
            )
        except Stop as stop:
            name = _NAMES[min(len(checks), len(_NAMES) - 1)]
            found, _, remedy = str(stop).rpartition(". ")
            checks.append(Check(name, False, found or remedy, remedy, stop.exit_status))
    return checks


_NAMES = [f"Impartner {what}" for what in ("key", "tenant", "fields", "accounts", "users")]


async def _check(client: Client, connection: Connection, checks: list[Check]) -> None:
    """Add a line for each of _NAMES, in their order."""
    await client.page("User", {"fields": ID, "orderby": ID, "skip": 0, "take": 1})
    checks.append(Check(_NAMES[0], True, f"{connection.host} accepts the key and lets it read users"))
    survey = await survey_fields(client)
    checks.append(await _tenant(client, connection, survey.fields))
    found = f"{len(survey.fields.names)} of {len(FIELDS)} labels found"
    if survey.wrong:
        wrong = f"{found}; {'; '.join(survey.wrong)}"
        checks.append(Check(_NAMES[2], False, wrong, CORRECT_LABELS, Unreachable.exit_status))
        return
    checks.append(Check(_NAMES[2], True, found))
    accounts = await read_accounts_alone(client, connection)
    checks.append(_readable(accounts))
    users = await _first_page(client, users_query(connection, survey.fields, PageSize(connection.page_size)))
    checks.append(_fitting(users, accounts))


async def _tenant(client: Client, connection: Connection, fields: Fields) -> Check:
    if connection.proof is None:
        return Check(_NAMES[1], False, *_parts(UNPROVED))
    await prove_account(client, connection)
    await prove_user(client, connection, fields)
    return Check(_NAMES[1], True, "the account of the proof is there, and somebody belongs to it")


def _readable(accounts: pl.DataFrame | None) -> Check:
    if accounts is None:
        return Check(_NAMES[3], False, *_parts(UNREAD))
    return Check(_NAMES[3], True, f"{accounts.height:,} accounts")


async def _first_page(client: Client, query: Query) -> pl.DataFrame:
    while True:
        try:
            asked = {"fields": query.fields, "orderby": ID}
            answer = await client.page(query.entity, {**asked, "skip": 0, "take": query.size.now})
            return query.read(answer.rows)
        except Refused as refused:
            if refused.failure.kind != "query" or not query.size.halve():
                raise


def _fitting(users: pl.DataFrame, accounts: pl.DataFrame | None) -> Check:
    if users.is_empty():
        raise Unreachable("Impartner returned no users. Check that the key's role may read users")
    check_some_have_one(users)
    try:
        if accounts is not None:
            check_accounts(users, accounts)
    except Doubt as doubt:
        raise Unreachable(f"{doubt}. {doubt.remedy}") from None
    return Check(_NAMES[4], True, f"a page of {users.height:,} users can be read, cell by cell")


def _parts(notice: str) -> tuple[str, str]:
    """The finding and the remedy in a notice."""
    found, _, remedy = notice.rpartition(". ")
    return found, remedy
