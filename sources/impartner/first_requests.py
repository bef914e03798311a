"""The first requests of a pull, sent before polars is imported, which happens while they are answered."""

from sources.impartner.client import ACCOUNT, DESCRIBE_ACCOUNTS, DESCRIBE_USERS, ID, Client, Query
from sources.impartner.connection import Connection
from sources.impartner.filters import has_id_or_equals


def send_first_requests(client: Client, connection: Connection, *, everybody: bool) -> None:
    """Request the fields and, for a pull of everybody, the proof's account, on which all other requests wait."""
    client.begin_data(DESCRIBE_USERS)
    if not everybody:
        client.begin_data(DESCRIBE_ACCOUNTS)
    elif connection.proof is not None:
        client.begin_page(ACCOUNT, proof_query(connection.proof[0]))


def proof_query(account_id: str) -> Query:
    """The query for the proof's account."""
    return {"fields": f"{ID},Name", "filter": has_id_or_equals(ID, account_id), "orderby": ID, "skip": 0, "take": 1}
