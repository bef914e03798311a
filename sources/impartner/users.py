"""Pulled users as an export. `pull.py` imports this module, and with it polars, while it waits for an answer."""

import hashlib
from collections.abc import Iterator
from io import BytesIO

import polars as pl

from schemas.columns import ACCOUNT_NAME, FIELDS, ROW
from schemas.errors import ExportRefused
from schemas.faults import file_fault
from schemas.words import plural
from sources.export import Export
from sources.impartner.accounts import UNREAD
from sources.impartner.cells import KEY
from sources.impartner.client import Client
from sources.impartner.connection import Connection
from sources.impartner.everybody import pull_everybody
from sources.impartner.one_account import pull_account
from sources.impartner.proof import UNPROVED
from sources.impartner.pulled import Pulled
from sources.impartner.query import OnRead

EVERYBODY = 50  # with this many users, a field that is null for all of them is suspicious


async def pull_users(client: Client, connection: Connection, account: str | None, on_read: OnRead) -> Export:
    """The users of all accounts, or of the one with this name or id, as `pull.pull` returns them."""
    if account is None:
        pulled = await pull_everybody(client, connection, on_read)
    else:
        pulled = await pull_account(client, connection, account, on_read)
    return _export(connection, pulled)


# ---------------------------------------------------------------------------------------------------------------------


def _export(connection: Connection, pulled: Pulled) -> Export:
    users = pulled.users.with_row_index(ROW, offset=2)
    _check_texts(users)
    frame = users.drop(KEY)
    empty = _empty_columns(frame)
    return Export(
        frame,
        "impartner",
        connection.host,
        _sha256(frame),
        tuple(_notices(connection, pulled, empty)),
        user_ids=users[KEY].cast(pl.String),
        accounts=pulled.accounts,
        empty_columns=empty,
    )


def _sha256(frame: pl.DataFrame) -> str:
    """The hash of the frame as CSV."""
    csv = BytesIO()
    frame.write_csv(csv)
    return hashlib.sha256(csv.getbuffer()).hexdigest()


def _empty_columns(frame: pl.DataFrame) -> tuple[str, ...]:
    """Fields that are null for everybody."""
    if frame.height < EVERYBODY:
        return ()
    return tuple(column for column in (*FIELDS, ACCOUNT_NAME) if frame[column].null_count() == frame.height)


def _notices(connection: Connection, pulled: Pulled, empty: tuple[str, ...]) -> Iterator[str]:
    if connection.proof is None:
        yield UNPROVED
    if pulled.accounts is None:
        yield UNREAD
    if pulled.size.refused is not None and pulled.size.refused > pulled.size.now:
        yield (
            f"Impartner refuses pages of {pulled.size.refused} users and returned {pulled.size.now} at a time. "
            f"Set PARTNER_CERTS_IMPARTNER_PAGE_SIZE to {pulled.size.now}"
        )
    for column in empty:
        yield (
            f"The field {column!r} is empty for all {pulled.users.height} users. "
            "Check that the key's role may read it, and that it is the right field"
        )


def _check_texts(users: pl.DataFrame) -> None:
    has_nul = pl.col(pl.String).str.contains("\0", literal=True)
    damaged = users.filter(pl.any_horizontal(has_nul))[KEY].to_list()
    if damaged:
        fault = file_fault("The export has no NUL characters", "Correct the user in Impartner")
        raise ExportRefused(
            f"Impartner returned text with NUL characters, first of the user with the id {damaged[0]} "
            f"({plural(len(damaged), 'user')}). Correct it in Impartner",
            [fault._replace(user_id=str(user)) for user in damaged[:100]],
        )
