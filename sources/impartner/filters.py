"""Impartner's filter grammar, the little of it that a pull needs: comparing a field with a value, safely quoted."""

_LARGEST_ID = 2**31 - 1  # ids are int32; the server fails on a larger number


def equals(field: str, value: str) -> str:
    r"""`Field = 'value'`, with `\` and `'` escaped by a backslash."""
    return f"{field} = {quote(value)}"


def quote(value: str) -> str:
    """A string as the grammar wants it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def has_id(field: str, value: str) -> str | None:
    """`Field = 123`, or None if the value can't be an id."""
    number = value.strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= _LARGEST_ID):
        return None
    return f"{field} = {int(number)}"
