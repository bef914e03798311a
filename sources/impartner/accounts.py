"""Accounts as the server has them: the one that a person means, and the one that proves the tenant.

Names and ids are compared trimmed, in NFC and without letter case. The server compares as it likes, so what it answers
is compared again here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from schemas import headings
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import ExportRefused, Unreachable, WrongUsage
from schemas.names import BLANKS, fold, near
from sources.impartner.cells import KEY, frame_of, text
from sources.impartner.client import Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.fields import ACCOUNT, ID, Fields
from sources.impartner.filters import equals, has_id
from sources.impartner.pages import Query, read_all

Pair = tuple[str | None, str | None]  # id and name of an account, as some user has them


@dataclass(frozen=True)
class Account:
    """One account of the server, as its users are asked for.

    name: to be told. id: None if it has none. names: those that it is asked for by, beside the id: users without the id
    stand under them, and hold it back. asked: the one under which such users were looked for already, as `_as_asked`.
    """

    name: str
    id: str | None
    names: frozenset[str]
    asked: str

    def filter(self, fields: Fields) -> str:
        """What asks for its users."""
        by_id = [] if self.id is None else [has_id(ACCOUNT, self.id) or equals(ACCOUNT, self.id)]
        return " or ".join([*by_id, *_by_names(self.names, fields)])

    def stray(self, frame: pl.DataFrame) -> int:
        """How many rows of a pull have neither its id nor a name that it is asked for by."""
        names = set(map(fold, self.names))
        pairs = _counted(frame).items()
        return sum(users for (id_, name), users in pairs if not self.has(id_) and fold(name or "") not in names)

    def has(self, account_id: str | None) -> bool:
        """Whether it has this id."""
        return self.id is not None and fold(account_id or "") == fold(self.id)


async def find_account(client: Client, connection: Connection, fields: Fields, wanted: str) -> Account:
    """The account whose name or id is `wanted`; raises ExportRefused if there is none, or more than one.

    Asks for users with exactly that name or id; only if there are none, for the names of all accounts.
    """
    if not fold(wanted):
        raise WrongUsage("No account is named. Give its name or its id")
    by_id = has_id(ACCOUNT, wanted)
    filters = [*([by_id] if by_id else []), *_by_names([wanted.strip(BLANKS)], fields)]
    pairs = await _pairs(client, connection, fields, " or ".join(filters))
    meant = _meant(pairs, wanted)
    if not meant:
        pairs = await _all_pairs(client, connection, fields)
        meant = _meant(pairs, wanted)
    account_id = _the_only_id(meant, pairs, wanted)
    if account_id is None:  # then its names are all that there is: other spellings are the same account
        pairs = await _pairs(client, connection, fields, None)
        meant = _meant(pairs, next(name or "" for _, name in meant))
    names = frozenset(name for _, name in meant if name and fold(name))
    some_lack_the_id = any(not fold(part or "") for part, _ in meant)
    shown, asked = min(names, default=wanted), _as_asked(wanted.strip(BLANKS))
    return Account(shown, account_id, names if some_lack_the_id else frozenset(), asked)


async def with_names(
    client: Client, connection: Connection, fields: Fields, account: Account, users: pl.DataFrame
) -> Account:
    """The account with those names of its users under which others lack the id. users: a pull of it."""
    own = {name for account_id, name in _counted(users) if name and account.has(account_id)}
    new = {name for name in own if fold(name) and _as_asked(name) != account.asked}
    if not new:
        return account
    pairs = await _pairs(client, connection, fields, " or ".join(_by_names(new, fields)))
    unclear = {fold(name or "") for account_id, name in pairs if not fold(account_id or "")}
    return replace(account, names=account.names | {name for name in new if fold(name) in unclear})


async def prove_tenant(client: Client, proof: tuple[str, str]) -> None:
    """Raise Unreachable unless the tenant has the account of the proof, under its id and name."""
    account_id, name = proof
    try:
        found = await _account_by_id(client, account_id)
    except Refused:  # the key's role may not read accounts: a user of that account proves as much
        found = await _account_of_user(client, account_id)
    if found is None:
        raise _no_proof(f"{account_id} = {name!r}", "no account with that id")
    if _folded(found) != _folded(proof):
        raise _no_proof(f"{account_id} = {name!r}", f"{found[0]} = {found[1]!r}")


# ---------------------------------------------------------------------------------------------------------------------


def _folded(pair: Pair) -> tuple[str, str]:
    account_id, name = pair
    return fold(account_id or ""), fold(name or "")


def _silently(_read: int, _count: int) -> None:
    """Progress of small questions is nobody's concern."""


async def _pairs(client: Client, connection: Connection, fields: Fields, filter_: str | None) -> list[Pair]:
    no_cells = Fields({}, fields.account_name)
    wanted = Query(no_cells, fields.account, filter_, connection.page_size, connection.concurrency)
    frame = await read_all(client, wanted, _silently)
    return frame.select(ACCOUNT_ID, ACCOUNT_NAME).unique(maintain_order=True).rows()


async def _all_pairs(client: Client, connection: Connection, fields: Fields) -> list[Pair]:
    name = Fields({"Name": "Name"})
    wanted = Query(name, "Id,Name", None, connection.page_size, connection.concurrency, ACCOUNT)
    try:
        frame = await read_all(client, wanted, _silently)
    except Refused:  # the key's role may not read accounts: users have their names too
        return await _pairs(client, connection, fields, None)
    return frame.select(pl.col(KEY).cast(pl.String), "Name").rows()


def _meant(pairs: Iterable[Pair], wanted: str) -> list[Pair]:
    return [pair for pair in pairs if fold(wanted) in (fold(part or "") for part in pair)]


def _by_names(names: Iterable[str], fields: Fields) -> list[str]:
    """The server may tell names apart by their Unicode form."""
    spelt = [unicodedata.normalize(form, name) for name in sorted(names) for form in ("NFC", "NFD")]
    return [equals(fields.account_name, name) for name in dict.fromkeys(spelt)]


def _the_only_id(meant: list[Pair], pairs: list[Pair], wanted: str) -> str | None:
    if not meant:
        hint = near(wanted, (name for _, name in pairs if name))
        raise ExportRefused(f"Impartner has no account {wanted!r}.{hint} Correct the name or the id")
    ids = list(dict.fromkeys(account_id for account_id, _ in meant if fold(account_id or "")))
    if len(ids) > 1:
        same = all(fold(wanted) == fold(name or "") for _, name in meant)
        what = "is the name of several accounts" if same else "is the id of one account and the name of another"
        raise ExportRefused(
            f"{wanted!r} {what}, with the ids {', '.join(map(str, ids))}. Ask for one of them by its id"
        )
    return ids[0] if ids else None


def _as_asked(name: str) -> str:
    """What names have in common that the server may take for one: blanks around them are not part of that."""
    return unicodedata.normalize("NFC", name).casefold()


def _counted(frame: pl.DataFrame) -> dict[Pair, int]:
    """How many users of a pull have which id and name of an account."""
    names = headings.match(frame.columns)
    account = [
        pl.nth(names[column]).alias(column) if column in names else pl.lit(None, pl.String).alias(column)
        for column in (ACCOUNT_ID, ACCOUNT_NAME)
    ]
    counted = frame.lazy().select(account).group_by(ACCOUNT_ID, ACCOUNT_NAME).len().collect()
    return {(account_id, name): users for account_id, name, users in counted.iter_rows()}


async def _account_by_id(client: Client, account_id: str) -> Pair | None:
    by_id = has_id(ID, account_id) or equals(ID, account_id)
    query: dict[str, str | int] = {"fields": "Id,Name", "filter": by_id, "orderby": ID, "skip": 0, "take": 1}
    answer = await client.page(ACCOUNT, query)
    if not answer.rows:
        return None
    row = {key.casefold(): value for key, value in answer.rows[0].items()}
    return text(row.get("id"), ACCOUNT_ID), text(row.get("name"), ACCOUNT_NAME)


async def _account_of_user(client: Client, account_id: str) -> Pair | None:
    by_id = has_id(ACCOUNT, account_id) or equals(ACCOUNT, account_id)
    query: dict[str, str | int] = {"fields": Fields({}).account, "filter": by_id, "orderby": ID, "skip": 0, "take": 1}
    answer = await client.page("User", query)
    pairs: list[Pair] = frame_of(answer.rows, Fields({})).select(ACCOUNT_ID, ACCOUNT_NAME).rows()
    return next(iter(pairs), None)


def _no_proof(expected: str, found: str) -> Unreachable:
    return Unreachable(
        f"This is not the tenant it should be: the account {expected} was expected, and found was {found}. No users "
        "were read. See that the address, the key and PARTNER_CERTS_IMPARTNER_TENANT belong together, and that "
        "PARTNER_CERTS_IMPARTNER_PROOF is right"
    )
