"""Accounts as the server has them: the one that a person means, and the one that proves the tenant.

Names and ids are compared trimmed, in NFC and without letter case. The server compares as it likes, so what it answers
is compared again here.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from schemas import headings
from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import ExportRefused, Unreachable, WrongUsage
from schemas.names import BLANKS, fold, fold_blanks, near
from sources.impartner.asking import Asking, Refused
from sources.impartner.cells import KEY, frame_of, text
from sources.impartner.connection import Connection
from sources.impartner.fields import ACCOUNT, ID, Fields
from sources.impartner.filters import equals, has_id
from sources.impartner.pages import Wanted, read_proved

Pair = tuple[str | None, str | None]  # id and name of an account, as some user has them


@dataclass(frozen=True)
class Account:
    """One account of the server, and the filter that asks for its users."""

    id: str | None
    name: str | None
    filter: str

    def stray(self, frame: pl.DataFrame) -> int:
        """How many rows of a pull do not belong to this account."""
        names = headings.match(frame.columns)
        account = [
            pl.nth(names[column]).alias(column) if column in names else pl.lit(None, pl.String).alias(column)
            for column in (ACCOUNT_ID, ACCOUNT_NAME)
        ]
        counted = frame.lazy().select(account).group_by(ACCOUNT_ID, ACCOUNT_NAME).len().collect()
        return sum(users for *pair, users in counted.iter_rows() if not self._has((pair[0], pair[1])))

    def _has(self, pair: Pair) -> bool:
        account_id, name = _folded(pair)
        own_id, own_name = _folded((self.id, self.name))
        return account_id == own_id if own_id and account_id else name == own_name


async def find_account(asking: Asking, connection: Connection, fields: Fields, wanted: str) -> Account:
    """The account whose name or id is `wanted`; raises ExportRefused if there is none, or more than one.

    Asks for users with exactly that name or id; only if there are none, for the names of all accounts.
    """
    if not fold(wanted):
        raise WrongUsage("No account is named. Give its name or its id")
    by_name = equals(fields.account_name, unicodedata.normalize("NFC", wanted.strip(BLANKS)))
    by_id = has_id(ACCOUNT, wanted)
    pairs = await _pairs(asking, connection, fields, f"{by_id} or {by_name}" if by_id else by_name)
    meant = _meant(pairs, wanted)
    if not meant:
        pairs = await _all_pairs(asking, connection, fields)
        meant = _meant(pairs, wanted) or _meant(pairs, wanted, fold_blanks)
    return _the_only(meant, pairs, wanted, fields)


async def prove_tenant(asking: Asking, proof: tuple[str, str]) -> None:
    """Raise Unreachable unless the tenant has the account of the proof, under its id and name."""
    account_id, name = proof
    try:
        found = await _account_by_id(asking, account_id)
    except Refused:  # the key's role may not read accounts: a user of that account proves as much
        found = await _account_of_user(asking, account_id)
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


async def _pairs(asking: Asking, connection: Connection, fields: Fields, filter_: str | None) -> list[Pair]:
    no_cells = Fields({}, fields.account_name)
    wanted = Wanted(no_cells, fields.account, filter_, connection.page_size, connection.concurrency)
    frame = await read_proved(asking, wanted, _silently)
    return frame.select(ACCOUNT_ID, ACCOUNT_NAME).unique(maintain_order=True).rows()


async def _all_pairs(asking: Asking, connection: Connection, fields: Fields) -> list[Pair]:
    name = Fields({"Name": "Name"})
    wanted = Wanted(name, "Id,Name", None, connection.page_size, connection.concurrency, ACCOUNT)
    try:
        frame = await read_proved(asking, wanted, _silently)
    except Refused:  # the key's role may not read accounts: users have their names too
        return await _pairs(asking, connection, fields, None)
    return frame.select(pl.col(KEY).cast(pl.String), "Name").rows()


def _meant(pairs: Iterable[Pair], wanted: str, key: Callable[[str], str] = fold) -> list[Pair]:
    return [pair for pair in pairs if key(wanted) in (key(part or "") for part in pair)]


def _the_only(meant: list[Pair], pairs: list[Pair], wanted: str, fields: Fields) -> Account:
    if not meant:
        hint = near(wanted, (name for _, name in pairs if name))
        raise ExportRefused(f"Impartner has no account {wanted!r}.{hint} Correct the name or the id")
    ids = list(dict.fromkeys(account_id for account_id, _ in meant if fold(account_id or "")))
    if len(ids) > 1:
        same = all(fold_blanks(wanted) == fold_blanks(name or "") for _, name in meant)
        what = "is the name of several accounts" if same else "is the id of one account and the name of another"
        raise ExportRefused(
            f"{wanted!r} {what}, with the ids {', '.join(map(str, ids))}. Ask for one of them by its id"
        )
    name = next((name for _, name in meant if fold(name or "")), None)
    by_name = None if name is None else equals(fields.account_name, name)
    if not ids:
        return Account(None, name, by_name or "")
    by_id = has_id(ACCOUNT, str(ids[0])) or equals(ACCOUNT, str(ids[0]))
    some_lack_the_id = any(not fold(account_id or "") for account_id, _ in meant)
    return Account(ids[0], name, f"{by_id} or {by_name}" if some_lack_the_id and by_name else by_id)


async def _account_by_id(asking: Asking, account_id: str) -> Pair | None:
    by_id = has_id(ID, account_id) or equals(ID, account_id)
    query: dict[str, str | int] = {"fields": "Id,Name", "filter": by_id, "orderby": ID, "skip": 0, "take": 1}
    answer = await asking.page(ACCOUNT, query)
    if not answer.rows:
        return None
    row = {key.casefold(): value for key, value in answer.rows[0].items()}
    return text(row.get("id"), ACCOUNT_ID), text(row.get("name"), ACCOUNT_NAME)


async def _account_of_user(asking: Asking, account_id: str) -> Pair | None:
    by_id = has_id(ACCOUNT, account_id) or equals(ACCOUNT, account_id)
    query: dict[str, str | int] = {"fields": Fields({}).account, "filter": by_id, "orderby": ID, "skip": 0, "take": 1}
    answer = await asking.page("User", query)
    pairs: list[Pair] = frame_of(answer.rows, Fields({})).select(ACCOUNT_ID, ACCOUNT_NAME).rows()
    return next(iter(pairs), None)


def _no_proof(expected: str, found: str) -> Unreachable:
    return Unreachable(
        f"This is not the tenant it should be: the account {expected} was expected, and found was {found}. No users "
        "were read. See that the address, the key and PARTNER_CERTS_IMPARTNER_TENANT belong together, and that "
        "PARTNER_CERTS_IMPARTNER_PROOF is right"
    )
