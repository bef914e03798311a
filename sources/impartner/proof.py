"""The proof of the tenant: an account that must exist with this id and name, and a user of it.

A server may return another company's users as an ordinary answer, so an answer alone proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import Unreachable
from schemas.names import Pair, fold
from sources.impartner.accounts import accounts_of, pairs
from sources.impartner.cells import users_of
from sources.impartner.client import ACCOUNT, ID, Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.fields import AccountFields, Fields
from sources.impartner.filters import has_id_or_equals
from sources.impartner.first_requests import proof_query

UNPROVED = (
    "The tenant is not proved: the server may return another company's users as an ordinary answer. "
    "Set PARTNER_CERTS_IMPARTNER_PROOF to ID=NAME of an account that must be there"
)


async def prove_account(client: Client, connection: Connection) -> bool:
    """Raises Unreachable if the proof's account is not there. False if the key's role may not read accounts."""
    if connection.proof is None:
        return True
    try:
        answer = await client.page(ACCOUNT, proof_query(connection.proof[0]))
    except Refused:
        return False
    check_proof(connection, pairs(accounts_of(answer.rows, AccountFields())))
    return True


async def prove_user(client: Client, connection: Connection, fields: Fields) -> None:
    """Raises Unreachable if the tenant has users, but the proof's account has none."""
    if connection.proof is None:
        return
    by_account = has_id_or_equals(ACCOUNT, connection.proof[0])
    query: dict[str, str | int] = {"fields": fields.account, "filter": by_account, "orderby": ID, "skip": 0, "take": 1}
    rows = (await client.page("User", query)).rows
    pairs_found = users_of(rows, Fields({}, fields.account_name)).select(ACCOUNT_NAME, ACCOUNT_ID).rows()
    if pairs_found:
        check_proof(connection, pairs_found, "a user of another account")
    elif (await client.page("User", {"fields": ID, "orderby": ID, "skip": 0, "take": 1})).count:
        # A tenant without users has no rows, which need no proof.
        raise _no_proof(connection.proof, "no user of it", "names an account that has users")


def check_proof(connection: Connection, pairs: Iterable[Pair], instead: str = "no account with that id") -> None:
    """Raises Unreachable unless the proof's account is among these, with its name. instead: what was found."""
    if connection.proof is None:
        return
    account_id, name = connection.proof
    found = [pair for pair in pairs if fold(pair[1] or "") == fold(account_id)]
    if not found:
        raise _no_proof(connection.proof, instead)
    if fold(found[0][0] or "") != fold(name):
        raise _no_proof(connection.proof, f"{found[0][1]} = {found[0][0]!r}")


# ---------------------------------------------------------------------------------------------------------------------


def _no_proof(proof: tuple[str, str], found: str, remedy: str = "is right") -> Unreachable:
    account_id, name = proof
    return Unreachable(
        f"This is not the tenant that it should be: expected the account {account_id} = {name!r}, but found {found}"
        ". Check that the address, the key and PARTNER_CERTS_IMPARTNER_TENANT belong together, and that "
        f"PARTNER_CERTS_IMPARTNER_PROOF {remedy}"
    )
