"""What to ask for: the API name of each label of the table, found through `_describe`.

Labels are matched trimmed, without letter case and without the picker's `User: `. An API name in the table wins.
Nothing is guessed: a label that no field or more than one field carries stops the pull, all of them named at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process, utils

from schemas.columns import COLUMNS, Column
from schemas.errors import Unreachable
from sources.impartner.client import Client

ID = "Id"
ACCOUNT = "Account"
ACCOUNT_NAME = "AccountName"
CORRECT_LABELS = "Correct the label in Impartner, or name the field in schemas/columns.py (api=)"


@dataclass(frozen=True)
class Fields:
    """API names: of each field of the table (by its label), and of the account's name."""

    names: dict[str, str]
    account_name: str = ACCOUNT_NAME

    @property
    def all(self) -> str:
        """All that a pull asks for, as the query wants it."""
        return ",".join(dict.fromkeys((ID, ACCOUNT, self.account_name, *self.names.values())))

    @property
    def account(self) -> str:
        """What tells the account of a user, as the query wants it."""
        return ",".join((ID, ACCOUNT, self.account_name))


@dataclass(frozen=True)
class Survey:
    """What `_describe` says: the fields found, and in words what is wrong with the others."""

    fields: Fields
    wrong: tuple[str, ...]

    def whole(self) -> Fields:
        """The fields to ask for; raises Unreachable with every label that is missing or carried twice."""
        if self.wrong:
            raise Unreachable(
                f"Impartner's users lack fields that the reports need: {'; '.join(self.wrong)}. {CORRECT_LABELS}"
            )
        return self.fields


async def survey_fields(client: Client, columns: Sequence[Column] = COLUMNS) -> Survey:
    """Ask `_describe` and compare it with the table."""
    return compare(await client.data("User/_describe"), columns)


def compare(described: Any, columns: Sequence[Column] = COLUMNS) -> Survey:
    """Compare what `_describe` gave (a list of `{name, display, ...}`) with the table."""
    entries = _entries(described)
    names: dict[str, str] = {}
    wrong: list[str] = []
    for column in columns:
        found = _names_of(column, entries)
        if len(found) == 1:
            names[column.field] = found[0]
        else:
            wrong.append(_what_is_wrong(column, found, entries))
    known = {name.casefold() for name, _ in entries}
    account_name = ACCOUNT_NAME if ACCOUNT_NAME.casefold() in known else "Account.Name"
    return Survey(Fields(names, account_name), tuple(wrong))


def _entries(described: Any) -> list[tuple[str, str]]:
    entries = []
    for entry in described if isinstance(described, list) else []:
        small = {str(key).casefold(): value for key, value in entry.items()} if isinstance(entry, dict) else {}
        name, label = small.get("name"), small.get("display")
        if isinstance(name, str) and name:
            entries.append((name, label if isinstance(label, str) else ""))
    if not entries:
        raise Unreachable(
            "Impartner's description of its users (User/_describe) is not a list of fields. "
            "See that the address (PARTNER_CERTS_IMPARTNER_URL) is that of the API"
        )
    return entries


def _names_of(column: Column, entries: Sequence[tuple[str, str]]) -> list[str]:
    if column.api is not None:
        return [name for name, _ in entries if name.casefold() == column.api.casefold()][:1]
    label = _normal(column.field)
    return list(dict.fromkeys(name for name, display in entries if _normal(display) == label))


def _what_is_wrong(column: Column, found: Sequence[str], entries: Sequence[tuple[str, str]]) -> str:
    if found:
        return f"{column.field!r} is the label of {len(found)} fields ({', '.join(found[:5])})"
    wanted = column.api or column.field
    taken = {_normal(other.field) for other in COLUMNS}
    choices = [name if column.api else display for name, display in entries if _normal(display) not in taken]
    near = process.extractOne(
        wanted, filter(None, choices), scorer=fuzz.token_sort_ratio, processor=utils.default_process
    )
    nearest = "" if near is None else f" (the nearest it has: {near[0][:80]!r})"
    return f"{wanted!r} is missing{nearest}"


def _normal(label: str) -> str:
    return _PREFIX.sub("", label.strip().casefold())


_PREFIX = re.compile(r"\Auser:\s*")
