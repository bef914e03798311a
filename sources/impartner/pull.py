"""The pull: every user of the tenant, or of one account, exactly once, or nothing.

Its first requests are sent before polars is imported. Importing `users.py` does that while they are answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from schemas.errors import WrongUsage
from schemas.names import fold
from sources.export import Export
from sources.impartner.backoff import Backoff
from sources.impartner.client import Client
from sources.impartner.connection import Connection
from sources.impartner.first_requests import send_first_requests
from sources.impartner.running import bounded, run

if TYPE_CHECKING:  # polars
    from sources.impartner.query import OnRead


@dataclass(frozen=True)
class Progress:
    """How far a pull is. `seconds_left` is None until it can be estimated."""

    users: int
    of: int
    seconds_left: float | None


def nothing() -> None:
    """The default for `meanwhile`."""


def pull(
    connection: Connection,
    *,
    account: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    backoff: Backoff | None = None,
    meanwhile: Callable[[], object] = nothing,
) -> Export:
    """Pull the users, all or those of one account (by name or id), ordered by id; the first is row 2.

    The frame has `row`, the fields of the table under their labels, and the account's id and name. progress: called
    after each page, perhaps from another thread. meanwhile: called once the first requests are sent.
    Raises Unreachable if Impartner returns no answer that can be trusted, and ExportRefused if there are no users, no
    such account, or cells that no report can have.
    """
    if account is not None and not fold(account):
        raise WrongUsage("No account is named. Give its name or its id")
    return run(_pull(connection, account, _timed(progress), backoff or Backoff(), meanwhile))


# ---------------------------------------------------------------------------------------------------------------------


async def _pull(
    connection: Connection, account: str | None, on_read: OnRead, backoff: Backoff, meanwhile: Callable[[], object]
) -> Export:
    async with Client(connection, backoff, patient=account is None) as client:
        send_first_requests(client, connection, everybody=account is None)
        await asyncio.sleep(0)  # so that they are sent before the import, which leaves the loop little time
        users = await asyncio.to_thread(import_module, "sources.impartner.users")
        meanwhile()
        export: Export = await bounded(connection, client, users.pull_users(client, connection, account, on_read))
    return export


def _timed(progress: Callable[[Progress], None] | None) -> OnRead:
    began = time.monotonic()

    def on_read(users: int, of: int) -> None:
        if progress is not None:
            spent = time.monotonic() - began
            progress(Progress(min(users, of), of, spent / users * max(of - users, 0) if users else None))

    return on_read
