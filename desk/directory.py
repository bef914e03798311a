"""The directory: accounts and people, found by whatever a mail contains.

Texts are folded by transliteration, so that `muller`, `lodz` and `strasse` find Müller, Łódź and Straße. All folded
people stand in one buffer, a line each, account after account: a search is one scan of it, and needs no index beside
it. Whose reports these are, and when they are read again, is not decided here.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from email.utils import parseaddr
from typing import NamedTuple

from anyascii import anyascii

from schemas.names import fold

LIMIT = 50  # accounts in one answer


class Entry(NamedTuple):
    """An account: its key in addresses of pages, its name, its id."""

    key: str
    account: str
    account_id: str | None


class Person(NamedTuple):
    """Name and e-mail as they stand in the report."""

    name: str
    email: str


class Hit(NamedTuple):
    """An account that fits, and the first of its people who does; None if it is the account itself that fits."""

    entry: Entry
    person: str | None


class Directory:
    """All accounts and their people at one moment. Searching changes nothing, so many threads may search at once."""

    def __init__(self, accounts: Iterable[tuple[Entry, Sequence[Person]]]) -> None:
        self.entries: list[Entry] = []
        self._names: list[str] = []
        self._starts: list[int] = []
        people = bytearray(_LINE)
        for entry, persons in accounts:
            self.entries.append(entry)
            self._names.append(folded(entry.account))
            self._starts.append(len(people))
            for name, email in persons:
                people += f"{folded(name)}{_CELL}{folded(email)}\n".encode()
        self._people = bytes(people)

    def search(self, query: str, limit: int = LIMIT) -> list[Hit]:
        """The accounts that fit a name or a part of it, an id, a person's name or address, or a domain; best first."""
        address = parseaddr(query)[1] if "<" in query else query
        wanted = folded(address)
        if not wanted:
            return []
        found = {place: Hit(self.entries[place], None) for place in self._accounts(wanted)}
        for place, person in self._persons(wanted, limit):
            found.setdefault(place, Hit(self.entries[place], person))
        return list(found.values())[:limit]

    def _accounts(self, wanted: str) -> list[int]:
        """Places of accounts: the id, then the whole name, then how it begins, then a part of it."""
        fits = [
            (_likeness(wanted, name, entry.account_id), place)
            for place, (name, entry) in enumerate(zip(self._names, self.entries, strict=True))
            if wanted in name or wanted == (entry.account_id or "").casefold()
        ]
        return [place for _, place in sorted(fits)]

    def _persons(self, wanted: str, limit: int) -> Iterator[tuple[int, str]]:
        """Places of accounts with the first person of each who fits."""
        for pattern in _patterns(wanted):
            found = list(self._scan(pattern.encode(), limit))
            if found:
                return iter(found)
        return iter(())

    def _scan(self, pattern: bytes, limit: int) -> Iterator[tuple[int, str]]:
        at, given = 0, 0
        while given < limit and (at := self._people.find(pattern, at)) >= 0:
            place = bisect_right(self._starts, at) - 1
            yield place, self._line(at)
            given += 1
            at = self._starts[place + 1] - 1 if place + 1 < len(self._starts) else len(self._people)

    def _line(self, at: int) -> str:
        begin = self._people.rfind(_LINE, 0, at + 1) + 1
        end = self._people.find(_LINE, max(at, begin))
        return self._people[begin:end].decode().replace(_CELL, " ")


def folded(text: str) -> str:
    """A text as it is searched: transliterated to ASCII, lower case, runs of blanks as one."""
    if text.isascii():  # most are, and need no more
        return " ".join(text.lower().split())
    return " ".join(anyascii(fold(text)).lower().split())


# ---------------------------------------------------------------------------------------------------------------------

_CELL = "\x1f"  # between name and e-mail; folding leaves none in either
_LINE = b"\n"
_DOMAIN = re.compile(r"@?[^@\s]+\.[^@\s]+")


def _patterns(wanted: str) -> list[str]:
    """What to scan for, one after the other until something is found."""
    if _DOMAIN.fullmatch(wanted):
        return [f"@{wanted.lstrip('@')}\n", wanted]
    if "@" in wanted:
        return [f"{_CELL}{wanted}\n", wanted, f"@{wanted.rpartition('@')[2]}\n"]
    return [wanted]


def _likeness(wanted: str, name: str, account_id: str | None) -> int:
    if wanted == (account_id or "").casefold():
        return 0
    return 1 if name == wanted else 2 if name.startswith(wanted) else 3
