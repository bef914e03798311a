"""The fields to request: the API name of each label, looked up in `_describe`.

Labels are matched trimmed, without letter case and the picker's `User: `. An API name in the table wins. Nothing is
guessed: labels of the table that no field or several fields have stop the pull, in one message. Of accounts, fields
other than id and name are optional.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.columns import COLUMNS, Column
from schemas.errors import Unreachable
from schemas.names import fold
from sources.impartner.client import ACCOUNT, DESCRIBE_ACCOUNTS, DESCRIBE_USERS, ID, Client
from sources.impartner.picklists import Picklist, picklist_of

ACCOUNT_NAME = "AccountName"
PRIMARY_USER = "Primary User"
CORRECT_LABELS = "Correct the label in Impartner, or name the field in schemas/columns.py (api=)"


@dataclass(frozen=True)
class Fields:
    """API names of a user's fields: of each field of the table (by its label), and of the account's name."""

    names: dict[str, str]
    account_name: str = ACCOUNT_NAME
    picklists: Mapping[str, Picklist] = field(default_factory=dict)  # by label

    @property
    def all(self) -> str:
        """All fields of a pull, for the query."""
        return ",".join(dict.fromkeys((ID, ACCOUNT, self.account_name, *self.names.values())))

    @property
    def account(self) -> str:
        """The fields with a user's account, for the query."""
        return ",".join((ID, ACCOUNT, self.account_name))


@dataclass(frozen=True)
class AccountFields:
    """API names of an account's fields; None if the tenant has no such field."""

    primary_user: str | None = None
    owner: str | None = None
    tier: str | None = None
    tiers: Picklist | None = None

    @property
    def all(self) -> str:
        """All fields, for the query."""
        return ",".join(dict.fromkeys((ID, "Name", *filter(None, (self.primary_user, self.owner, self.tier)))))


@dataclass(frozen=True)
class Survey:
    """The result of `_describe`: the fields found, and in words what is wrong with the others."""

    fields: Fields
    wrong: tuple[str, ...]

    def whole(self) -> Fields:
        """The fields to request. Raises Unreachable with every label that is missing or ambiguous."""
        if self.wrong:
            raise Unreachable(
                f"Impartner's users lack fields that the reports need: {'; '.join(self.wrong)}. {CORRECT_LABELS}"
            )
        return self.fields


async def survey_fields(client: Client, columns: Sequence[Column] = COLUMNS) -> Survey:
    """Request `User/_describe` and compare it with the table."""
    return compare(await client.data(DESCRIBE_USERS), columns)


async def survey_account_fields(client: Client, owner: str, tier: str) -> AccountFields:
    """Look up the primary user and these labels of owner's e-mail and tier in `Account/_describe`."""
    return account_fields(await client.data(DESCRIBE_ACCOUNTS), owner, tier)


def compare(described: Any, columns: Sequence[Column] = COLUMNS) -> Survey:
    """Compare `User/_describe` (a list of `{name, display, ...}`) with the table."""
    entries = _entries(described, "User")
    names: dict[str, str] = {}
    picklists: dict[str, Picklist] = {}
    wrong: list[str] = []
    for column in columns:
        found = _of_column(column, entries)
        if len(found) == 1:
            names[column.field] = found[0].name
            picklists |= {column.field: found[0].picklist} if found[0].picklist else {}
        else:
            wrong.append(_what_is_wrong(column, found, entries))
    known = {entry.name.casefold() for entry in entries}
    account_name = ACCOUNT_NAME if ACCOUNT_NAME.casefold() in known else "Account.Name"
    return Survey(Fields(names, account_name, picklists), tuple(wrong))


def account_fields(described: Any, owner: str, tier: str) -> AccountFields:
    """The fields in `Account/_describe`. A label may also be an API name; an ambiguous one counts as missing."""
    entries = _entries(described, "Account")
    names: list[str | None] = []
    for label in (PRIMARY_USER, owner, tier):
        found = _labelled(label, entries) or _named(label, entries)
        names.append(found[0].name if len(found) == 1 else None)
    tiers = next((entry.picklist for entry in entries if entry.name == names[2]), None)
    return AccountFields(names[0], names[1], names[2], tiers)


# ---------------------------------------------------------------------------------------------------------------------

_PREFIX = re.compile(r"\A(?:user|account):\s*")


@dataclass(frozen=True)
class _Entry:
    name: str
    label: str
    picklist: Picklist | None


def _entries(described: Any, entity: str) -> list[_Entry]:
    entries = []
    for entry in described if isinstance(described, list) else []:
        small = {str(key).casefold(): value for key, value in entry.items()} if isinstance(entry, dict) else {}
        name, label = small.get("name"), small.get("display")
        if isinstance(name, str) and name:
            entries.append(_Entry(name, label if isinstance(label, str) else "", picklist_of(small)))
    if not entries:
        raise Unreachable(
            f"Impartner's description of its {entity.casefold()}s ({entity}/_describe) is not a list of fields. "
            "Check that the address (PARTNER_CERTS_IMPARTNER_URL) is that of the API"
        )
    return entries


def _of_column(column: Column, entries: Sequence[_Entry]) -> list[_Entry]:
    return _labelled(column.field, entries) if column.api is None else _named(column.api, entries)[:1]


def _labelled(label: str, entries: Sequence[_Entry]) -> list[_Entry]:
    """The entries with this label; a repeated entry counts once."""
    return list({entry.name: entry for entry in entries if _normal(entry.label) == _normal(label)}.values())


def _named(name: str, entries: Sequence[_Entry]) -> list[_Entry]:
    return [entry for entry in entries if entry.name.casefold() == name.strip().casefold()]


def _what_is_wrong(column: Column, found: Sequence[_Entry], entries: Sequence[_Entry]) -> str:
    if found:
        names = ", ".join(entry.name for entry in found[:5])
        return f"{column.field!r} is the label of {len(found)} fields ({names})"
    from rapidfuzz import fuzz, process, utils  # late: only for this message, and the next requests would wait for it

    wanted = column.api or column.field
    taken = {_normal(other.field) for other in COLUMNS}
    choices = [entry.name if column.api else entry.label for entry in entries if _normal(entry.label) not in taken]
    near = process.extractOne(
        wanted, filter(None, choices), scorer=fuzz.token_sort_ratio, processor=utils.default_process
    )
    nearest = "" if near is None else f" (the nearest it has: {near[0][:80]!r})"
    return f"{wanted!r} is missing{nearest}"


def _normal(label: str) -> str:
    return _PREFIX.sub("", fold(label))
