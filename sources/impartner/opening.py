"""The first questions of a pull. They go out before polars is imported, which is done while they are answered."""

from sources.impartner.client import ACCOUNT, DESCRIBE_ACCOUNTS, DESCRIBE_USERS, ID, Client, Query
from sources.impartner.connection import Connection
from sources.impartner.filters import has_id_or_equals


def ask_first(client: Client, connection: Connection, *, everybody: bool) -> None:
    """Ask which fields there are, and for everybody's pull for the account of the proof; others wait for that."""
    client.begin_data(DESCRIBE_USERS)
    if not everybody:
        client.begin_data(DESCRIBE_ACCOUNTS)
    elif connection.proof is not None:
        client.begin_page(ACCOUNT, proof_query(connection.proof[0]))


def proof_query(account_id: str) -> Query:
    """What asks for the account of the proof."""
    return {"fields": f"{ID},Name", "filter": has_id_or_equals(ID, account_id), "orderby": ID, "skip": 0, "take": 1}
