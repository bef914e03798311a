"""What `partner-certs doctor` asks of Impartner: is the key accepted, is it the tenant, are all fields there."""

from typing import NamedTuple

from schemas.columns import FIELDS
from schemas.errors import Stop
from sources.impartner.accounts import prove_tenant
from sources.impartner.client import Backoff, Client, bounded, run
from sources.impartner.connection import Connection
from sources.impartner.fields import CORRECT_LABELS, ID, survey_fields
from sources.impartner.pull import UNPROVED


class Examined(NamedTuple):
    """One line: what was looked at, whether it is well, what was found, and what to do if it is not ("" if it is)."""

    name: str
    ok: bool
    found: str
    remedy: str


def examine(connection: Connection, *, backoff: Backoff | None = None) -> list[Examined]:
    """Key, tenant and fields, one line each. Never raises for what is not well: the line says it."""
    return run(_examine(connection, backoff or Backoff()))


async def _examine(connection: Connection, backoff: Backoff) -> list[Examined]:
    async with Client(connection, backoff) as client:
        checks = []
        for name, look in (("Impartner key", _key), ("Impartner tenant", _tenant), ("Impartner fields", _fields)):
            try:
                checks.append(await bounded(connection, client, look(client, connection)))
            except Stop as problem:
                found, _, remedy = str(problem).rpartition(". ")
                return [*checks, Examined(name, False, found or remedy, remedy)]
        return checks


async def _key(client: Client, connection: Connection) -> Examined:
    await client.page("User", {"fields": ID, "orderby": ID, "skip": 0, "take": 1})
    return Examined("Impartner key", True, f"{connection.host} accepts the key and lets it read users", "")


async def _tenant(client: Client, connection: Connection) -> Examined:
    if connection.proof is None:
        found, _, remedy = UNPROVED.rpartition(". ")
        return Examined("Impartner tenant", False, found, remedy)
    await prove_tenant(client, connection.proof)
    return Examined("Impartner tenant", True, "the account of the proof is there", "")


async def _fields(client: Client, connection: Connection) -> Examined:
    survey = await survey_fields(client)
    found = f"{len(survey.fields.names)} of {len(FIELDS)} labels found"
    if survey.wrong:
        return Examined("Impartner fields", False, f"{found}; {'; '.join(survey.wrong)}", CORRECT_LABELS)
    return Examined("Impartner fields", True, found, "")
