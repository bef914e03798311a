"""From the objects of one page to a frame of text cells, the same as in a downloaded file.

A page's Python objects end here: a pull keeps polars columns only. The objects' keys are in lower case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import Unreachable
from schemas.names import fold
from sources.impartner.fields import Fields
from sources.impartner.picklists import Picklist
from sources.impartner.responses import Row

KEY = "__id"  # the id of the user or account, Int64: for order and proof, not part of an export


def users_of(rows: Sequence[Row], fields: Fields) -> pl.DataFrame:
    """KEY, then the account's columns and those of `fields`, String. Raises Unreachable on unknown shapes."""
    keys = keys_of(rows)
    accounts = [_account(row) for row in rows]
    columns = [keys, texts(ACCOUNT_ID, [part[0] for part in accounts], keys)]
    columns.append(texts(ACCOUNT_NAME, [part[1] for part in accounts], keys))
    for label, name in fields.names.items():
        columns.append(texts(label, values_of(rows, label, name), keys, fields.picklists.get(label)))
    return pl.DataFrame(columns)


def keys_of(rows: Sequence[Row]) -> pl.Series:
    """The ids of the objects, as KEY."""
    return pl.Series(KEY, [_key(row.get("id")) for row in rows], pl.Int64)


def values_of(rows: Sequence[Row], label: str, name: str) -> list[Any]:
    """The objects' values under an API name, which must be there, because a blank means "has not passed the course".

    Raises Unreachable.
    """
    key = name.casefold()
    try:
        return [row[key] for row in rows]
    except KeyError:
        pass  # raised below, so that the exception does not hold the object
    raise _left_out(f"the field {label!r} ({name})")


def texts(
    label: str, values: Sequence[Any], keys: pl.Series, picklist: Picklist | None = None, *, whose: str = "User"
) -> pl.Series:
    """Values as text cells. keys, whose: the objects' ids and entity, to name one with damaged text.

    Raises Unreachable.
    """
    try:
        return pl.Series(label, _cells(values, label, picklist), pl.String)
    except RecursionError:
        raise _shapeless(label) from None
    except UnicodeEncodeError:
        pass  # raised below, so that the exception does not hold the cell
    damaged = next(key for key, value in zip(keys, values, strict=True) if _is_damaged(text(value, label, picklist)))
    raise Unreachable(
        f"Impartner returned damaged text (half a character, or an invalid byte) in the field {label!r} of the "
        f"{whose.casefold()} with the id {damaged}. Enter it again in Impartner"
    )


def text(value: Any, label: str, picklist: Picklist | None = None) -> str | None:
    """A JSON value as a cell: True/False, numbers as written, objects by their name. Members of an array are joined by
    `; `, without blank ones.

    label: the field's, for the message. picklist: the names of its numbers, if it is one. Raises Unreachable for
    anything else.
    """
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, (int, str)):
        name = str(value) if picklist is None else picklist.name_of(value)
        if name is None:
            raise _nameless(label)
        return name
    if isinstance(value, list):
        return "; ".join(cell for part in value if (cell := text(part, label, picklist)) and not cell.isspace()) or None
    if isinstance(value, dict) and "name" in value:
        return text(value["name"], label)
    raise _shapeless(label)


# ---------------------------------------------------------------------------------------------------------------------

_FLAGS = {True: "True", False: "False", None: None}
_NO_TEXTS = frozenset((bool, list, dict))  # JSON types other than texts and numbers


def _cells(values: Sequence[Any], label: str, picklist: Picklist | None) -> Sequence[str | None]:
    """`text` of each value, without going through a column that has only texts or only flags."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str} and picklist is None:
        return values
    if kinds <= {bool}:
        return [_FLAGS[value] for value in values]
    return [text(value, label, picklist) for value in values]


def _key(key: Any) -> int:
    if isinstance(key, str) and key.isascii() and key.isdigit():
        key = int(key[:20])
    if isinstance(key, bool) or not isinstance(key, int) or abs(key) >= 2**63:
        raise Unreachable(
            "Impartner returned an object whose id is not a number, so nobody can tell whether all are there. "
            "Check that the key's role may read the field Id (partner-certs doctor)"
        )
    return key


def _account(row: Row) -> tuple[Any, Any]:
    """Id and name of a user's account, flat (`accountId`, `accountName`) or nested (`account: {id, name}`).

    Null means no account. Raises Unreachable if the field is missing: then nobody knows whose the user is.
    """
    nested = row.get("account")
    parts = nested if isinstance(nested, dict) else {"id": nested, "name": None} if "account" in row else {}
    if "accountid" not in row and "id" not in parts:
        raise _left_out("the account")
    if "accountname" not in row and "name" not in parts:
        raise _left_out("the account's name")
    return (
        _one_of("Account", row.get("accountid"), parts.get("id")),
        _one_of("Account Name", row.get("accountname"), parts.get("name")),
    )


def _one_of(label: str, *values: Any) -> Any:
    """The value that is not null. Raises Unreachable if there are two different ones."""
    known = [value for value in values if value is not None]
    if not _NO_TEXTS.isdisjoint(map(type, known)):
        raise _shapeless(label)
    if len(known) > 1 and len({fold(str(value)) for value in known}) > 1:
        raise Unreachable(
            f"Impartner returned two values for {label!r} of a user, so nobody can tell whose it is. Please report this"
        )
    return known[0] if known else None


def _is_damaged(cell: str | None) -> bool:
    try:
        (cell or "").encode()
    except UnicodeEncodeError:
        return True
    return False


def _left_out(what: str) -> Unreachable:
    return Unreachable(
        f"Impartner left out {what} of some users. Check that the key's role may read it (partner-certs doctor)"
    )


def _nameless(label: str) -> Unreachable:
    return Unreachable(
        f"Impartner returned the field {label!r} as a number that its picklist has no name for, so nobody can tell "
        "what a person sees there. Check that the value is still in the picklist in Impartner"
    )


def _shapeless(label: str) -> Unreachable:
    return Unreachable(
        f"Impartner returned the field {label!r} in an unknown shape, so it can't be read without guessing. "
        "Please report this, with the field's type in Impartner"
    )
