"""From the objects of one page to a frame of text cells, the same as a downloaded file would give.

A page's Python objects end here: what is kept of a pull is polars columns. Keys of objects are in lower case.
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
    """What the objects have under an API name, which must be there: a blank means "has not passed the course"."""
    key = name.casefold()
    try:
        return [row[key] for row in rows]
    except KeyError:
        pass  # raised below, so that the object does not hang on the exception
    raise _left_out(f"the field {label!r} ({name})")


def texts(
    label: str, values: Sequence[Any], keys: pl.Series, picklist: Picklist | None = None, *, whose: str = "User"
) -> pl.Series:
    """Values as text cells. keys and whose: of which objects they are, so that damaged text can be found."""
    try:
        return pl.Series(label, _cells(values, label, picklist), pl.String)
    except RecursionError:
        raise _shapeless(label) from None
    except UnicodeEncodeError:
        pass  # raised below, so that the cell does not hang on the exception
    damaged = next(key for key, value in zip(keys, values, strict=True) if _is_damaged(text(value, label, picklist)))
    raise Unreachable(
        f"Impartner gives damaged text (half a character, or a byte that is none) in the field {label!r} of the "
        f"{whose.casefold()} with the id {damaged}. Type it anew in Impartner"
    )


def text(value: Any, label: str, picklist: Picklist | None = None) -> str | None:
    """A JSON value as a cell: True/False, numbers as written, arrays joined by `; `, objects by their name.

    label: of the field, for the message if it is anything else. picklist: the names of its numbers, if it is one.
    """
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, (int, str)):
        name = str(value) if picklist is None else picklist.name_of(value)
        if name is None:
            raise _nameless(label)
        return name
    if isinstance(value, list):
        return "; ".join(cell for part in value if (cell := text(part, label, picklist)) is not None) or None
    if isinstance(value, dict) and "name" in value:
        return text(value["name"], label)
    raise _shapeless(label)


# ---------------------------------------------------------------------------------------------------------------------

_FLAGS = {True: "True", False: "False", None: None}
_NO_TEXTS = frozenset((bool, list, dict))  # what JSON has besides texts and numbers


def _cells(values: Sequence[Any], label: str, picklist: Picklist | None) -> Sequence[str | None]:
    """`text` of each value; columns with nothing but texts, or nothing but flags, need not be looked at one by one."""
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
            "Impartner gives an object without a number as id, so nobody can tell whether all are there. "
            "See that the key's role may read the field Id (partner-certs doctor)"
        )
    return key


def _account(row: Row) -> tuple[Any, Any]:
    """Id and name of a user's account, flat (`accountId`, `accountName`) or nested (`account: {id, name}`).

    Null is no account; if the field is missing, nobody knows whose the user is.
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
    """The one that is there; two that are not the same are none."""
    known = [value for value in values if value is not None]
    if not _NO_TEXTS.isdisjoint(map(type, known)):
        raise _shapeless(label)
    if len(known) > 1 and len({fold(str(value)) for value in known}) > 1:
        raise Unreachable(
            f"Impartner gives a user two values for {label!r}, so nobody can tell whose the user is. Please report this"
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
        f"Impartner leaves out {what} of some users. See that the key's role may read it (partner-certs doctor)"
    )


def _nameless(label: str) -> Unreachable:
    return Unreachable(
        f"Impartner gives the field {label!r} as a number that its picklist has no name for, so nobody can tell what a "
        "person sees there. See that the value is still one of the picklist's in Impartner"
    )


def _shapeless(label: str) -> Unreachable:
    return Unreachable(
        f"Impartner gives the field {label!r} in a shape that is not known, so it can't be read without guessing. "
        "Please report this, with the field's type in Impartner"
    )
