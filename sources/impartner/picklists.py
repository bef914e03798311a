"""The names of a picklist's numbers, which people see instead of the number, from `_describe`.

The shape of `values` is not documented. Supported: texts, objects with a number and a name, and numbers as keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_NUMBERS = ("id", "value", "key", "intvalue", "number", "code")  # the most likely first
_NAMES = ("name", "display", "label", "displayname", "text", "value")


@dataclass(frozen=True)
class Picklist:
    """The names of one field, those with a number by that number."""

    by_number: dict[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    def name_of(self, value: int | str) -> str | None:
        """What people see; None for a number without a name. A text is its own name."""
        text = str(value)
        if isinstance(value, str) and (text in self.names or not (self.by_number and text.isdecimal())):
            return text
        return self.by_number.get(text, text if text in self.names else None)


def picklist_of(entry: dict[str, Any]) -> Picklist | None:
    """The picklist of one entry of `_describe` (keys in lower case); None if the field is not a picklist."""
    kinds = (str(entry.get("picklisttype") or "none").casefold(), str(entry.get("fieldtype") or "").casefold())
    if kinds[0] == "none" and "picklist" not in kinds[1]:
        return None
    pairs = [_pair(value) for value in _listed(entry.get("values"))]
    by_number = {number: name for number, name in pairs if number is not None and name is not None}
    return Picklist(by_number, frozenset(name for _, name in pairs if name is not None))


# ---------------------------------------------------------------------------------------------------------------------


def _listed(values: Any) -> Iterable[Any]:
    if isinstance(values, dict):
        return ({"id": key, "name": name} for key, name in values.items())
    return values if isinstance(values, list) else ()


def _pair(value: Any) -> tuple[str | None, str | None]:
    """Number and name of one value."""
    if not isinstance(value, dict):
        return None, value if isinstance(value, str) else None
    number = next((text for key in _NUMBERS if (text := _as_number(value.get(key))) is not None), None)
    names = [value[key] for key in _NAMES if isinstance(value.get(key), str)]
    return number, next((name for name in names if name != number), names[0] if names else None)


def _as_number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value) if str(value).removeprefix("-").isdecimal() else None
