"""From the objects of one page to a frame of text cells, the same as a downloaded file would give.

A page's Python objects end here: what is kept of a pull is polars columns.
"""

from typing import Any

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
from schemas.errors import Unreachable
from sources.impartner.fields import Fields

KEY = "__id"  # the user's id, Int64: for order and proof, not part of an export


def frame_of(rows: list[dict[str, Any]], fields: Fields) -> pl.DataFrame:
    """KEY (Int64), then the account's columns and those of `fields`, String. Raises Unreachable on unknown shapes."""
    spelt = {key.casefold(): key for key in set[str]().union(*rows)}  # keys come in camelCase, whatever was asked
    keys = [_key(row.get(spelt.get("id", "id"))) for row in rows]
    columns: dict[str, pl.Series] = {KEY: pl.Series(KEY, keys, pl.Int64)}
    columns[ACCOUNT_ID] = _texts(ACCOUNT_ID, _account(rows, spelt, "id"))
    columns[ACCOUNT_NAME] = _texts(ACCOUNT_NAME, _account(rows, spelt, "name"))
    for label, name in fields.names.items():
        key = spelt.get(name.casefold(), name)
        if not all(key in row for row in rows):
            # A field that is left out must not become a blank: blank means "has not passed the course".
            raise Unreachable(
                f"Impartner leaves out the field {label!r} ({name}) of some users. "
                "See that the key's role may read it (partner-certs doctor)"
            )
        columns[label] = _texts(label, [row[key] for row in rows])
    return pl.DataFrame(columns)


def text(value: Any, label: str) -> str | None:
    """A JSON value as a cell: True/False, numbers as written, arrays joined by `; `, objects by their name.

    label: of the field, to be told if it is anything else.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, list):
        return "; ".join(cell for part in value if (cell := text(part, label)) is not None) or None
    if isinstance(value, dict):
        small = {key.casefold(): part for key, part in value.items()}
        if "name" in small:
            return text(small["name"], label)
    raise _shapeless(label)


def _texts(label: str, values: list[Any]) -> pl.Series:
    try:
        return pl.Series(label, [text(value, label) for value in values], pl.String)
    except RecursionError:
        raise _shapeless(label) from None
    except UnicodeEncodeError:
        pass  # raised below, so that the cell does not hang on the exception
    raise Unreachable(
        f"Impartner gives damaged text (half a character) in the field {label!r}. Correct it in Impartner"
    )


def _shapeless(label: str) -> Unreachable:
    return Unreachable(
        f"Impartner gives the field {label!r} in a shape that is not known, so it can't be read without guessing. "
        "Please report this, with the field's type in Impartner"
    )


def _key(key: Any) -> int:
    if isinstance(key, str) and key.isascii() and key.isdigit():
        key = int(key)
    if isinstance(key, bool) or not isinstance(key, int) or abs(key) >= 2**63:
        raise Unreachable(
            "Impartner gives a user without a number as id, so nobody can tell whether all are there. "
            "See that the key's role may read the field Id (partner-certs doctor)"
        )
    return key


def _account(rows: list[dict[str, Any]], spelt: dict[str, str], part: str) -> list[Any]:
    """The account stands as `accountId` and `accountName`, or as a nested `account: {id, name}`."""
    flat, whole = spelt.get(f"account{part}", ""), spelt.get("account", "")
    return [_nested(row.get(whole), part) if row.get(flat) is None else row[flat] for row in rows]


def _nested(account: Any, part: str) -> Any:
    if isinstance(account, dict):
        return next((value for key, value in account.items() if key.casefold() == part), None)
    return account if part == "id" else None
