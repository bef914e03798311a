"""The pull: every user of the tenant, or of one account, exactly once, or nothing."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from schemas.columns import ROW
from schemas.errors import ExportRefused, Stop, Unreachable
from schemas.faults import file_fault
from sources.export import Export
from sources.impartner.accounts import Account, find_account, prove_tenant, with_names
from sources.impartner.cells import KEY
from sources.impartner.client import Backoff, Client, bounded, run
from sources.impartner.connection import Connection
from sources.impartner.fields import Fields, survey_fields
from sources.impartner.pages import Query, read_all

UNPROVED = (
    "The tenant is not proved: the server may give another company's users as an ordinary answer. "
    "Set PARTNER_CERTS_IMPARTNER_PROOF to ID=NAME of an account that must be there"
)


@dataclass(frozen=True)
class Progress:
    """How far a pull is. `seconds_left` is None as long as nobody can tell."""

    users: int
    of: int
    seconds_left: float | None


def pull(
    connection: Connection,
    *,
    account: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    backoff: Backoff | None = None,
) -> Export:
    """Pull the users, all or those of one account (by name or id), ordered by id; the first is row 2.

    The frame has `row`, the fields of the table under their labels, and the account's id and name. `progress` is told
    after each page, perhaps from another thread. Raises Unreachable if Impartner gives no answer that can be trusted,
    and ExportRefused if the answer has no users, no such account, or cells that no report can hold.
    """
    return run(_pull(connection, account, _timed(progress), backoff or Backoff()))


# ---------------------------------------------------------------------------------------------------------------------

_Told = Callable[[int, int], None]


async def _pull(connection: Connection, account: str | None, told: _Told, backoff: Backoff) -> Export:
    async with Client(connection, backoff) as client:
        return await bounded(connection, client, _ask_all(client, connection, account, told))


async def _ask_all(client: Client, connection: Connection, account: str | None, told: _Told) -> Export:
    fields = await _look_before(client, connection)
    if account is None:
        return await _read(client, connection, fields, None, told)
    meant = await find_account(client, connection, fields, account)
    export = await _read(client, connection, fields, meant, told)
    fuller = await with_names(client, connection, fields, meant, export.frame)
    return export if fuller.names == meant.names else await _read(client, connection, fields, fuller, told)


async def _read(client: Client, connection: Connection, fields: Fields, meant: Account | None, told: _Told) -> Export:
    notices = () if connection.proof is not None else (UNPROVED,)
    users = await _read_users(client, connection, fields, meant, told)
    frame = users.drop(KEY)
    sha256 = hashlib.sha256(frame.write_csv().encode()).hexdigest()
    return Export(frame, "impartner", connection.host, sha256, notices, user_ids=users[KEY].cast(pl.String))


async def _look_before(client: Client, connection: Connection) -> Fields:
    """The fields and the proof of tenant, asked for at the same time, before any user is."""
    try:
        async with asyncio.TaskGroup() as both:
            survey = both.create_task(survey_fields(client))
            if connection.proof is not None:
                both.create_task(prove_tenant(client, connection.proof))
    except* Stop as stops:
        stopped = stops.exceptions[0]
    else:
        return survey.result().whole()
    raise stopped


async def _read_users(
    client: Client, connection: Connection, fields: Fields, meant: Account | None, told: _Told
) -> pl.DataFrame:
    filter_ = meant.filter(fields) if meant else None
    wanted = Query(fields, fields.all, filter_, connection.page_size, connection.concurrency)
    users = (await read_all(client, wanted, told)).with_row_index(ROW, offset=2)
    if not users.height:
        raise _no_users(meant)
    _check_account(users, meant)
    _check_texts(users)
    return users


def _no_users(meant: Account | None) -> ExportRefused:
    remedy = "See that the key's role may read users, and that the tenant is right"
    who = "gives no users" if meant is None else f"has the account {meant.name!r}, but no users of it"
    return ExportRefused(f"Impartner {who}. {remedy}", [file_fault("The export has rows", remedy)])


def _check_account(users: pl.DataFrame, meant: Account | None) -> None:
    stray = meant.stray(users) if meant else 0
    if stray:
        raise Unreachable(
            f"Impartner gave {stray} users of other accounts although one account was asked for, so its answer can't "
            "be trusted. Pull all accounts with partner-certs nightly, or use a downloaded export"
        )


def _check_texts(users: pl.DataFrame) -> None:
    has_nul = pl.col(pl.String).str.contains("\0", literal=True)
    rows = users.filter(pl.any_horizontal(has_nul))[ROW].to_list()
    if rows:
        faults = [
            file_fault("The export has no NUL characters", "Correct the user in Impartner", row=row)
            for row in rows[:100]
        ]
        raise ExportRefused(
            f"Impartner gives text with NUL characters, first in row {rows[0]} ({len(rows)} rows), counted in "
            "the order of ids with the first user as row 2. Correct it in Impartner",
            faults,
        )


def _timed(progress: Callable[[Progress], None] | None) -> _Told:
    began = time.monotonic()

    def told(users: int, of: int) -> None:
        if progress is not None:
            spent = time.monotonic() - began
            progress(Progress(min(users, of), of, spent / users * max(of - users, 0) if users else None))

    return told
