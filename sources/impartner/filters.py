"""The part of Impartner's filter grammar that a pull needs: comparing a field with a value, safely quoted."""

import unicodedata
from collections.abc import Iterable

_LARGEST_ID = 2**31 - 1  # ids are int32; the server fails on a larger number


def equals(field: str, value: str) -> str:
    r"""`Field = 'value'`, with `\` and `'` escaped by a backslash."""
    return f"{field} = {quote(value)}"


def quote(value: str) -> str:
    """A string literal of the grammar."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def has_id(field: str, value: str) -> str | None:
    """`Field = 123`, or None if the value can't be an id."""
    number = value.strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= _LARGEST_ID):
        return None
    return f"{field} = {int(number)}"


def has_id_or_equals(field: str, value: str) -> str:
    """`Field = 123` if the value can be an id, else `Field = 'value'`."""
    return has_id(field, value) or equals(field, value)


def is_one_of(field: str, values: Iterable[str]) -> list[str]:
    """`Field = 'value'` for each value in NFC and NFD, because the server may distinguish Unicode forms."""
    spelled = [unicodedata.normalize(form, value) for value in sorted(values) for form in ("NFC", "NFD")]
    return [equals(field, value) for value in dict.fromkeys(spelled)]
