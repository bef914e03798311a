"""The directory: accounts and people, found by whatever a mail contains.

Texts are folded by transliteration, so that `muller`, `lodz` and `strasse` find Müller, Łódź and Straße. All folded
people stand in one buffer, a line each, account after account: a search is one scan of it, and needs no index beside
it. Whose reports these are, and when they are read again, is not decided here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from typing import NamedTuple

from anyascii import anyascii

from schemas.names import fold, near_folded

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
        self._ids: dict[str, list[int]] = {}
        self._domains: dict[str, list[int]] = {}
        names, people = _Lines(), _Lines()
        for place, (entry, persons) in enumerate(accounts):
            self.entries.append(entry)
            self._ids.setdefault(folded(entry.account_id or ""), []).append(place)
            names.add([folded(entry.account)])
            lines = [f"{folded(name)}{_CELL}{folded(email)}" for name, email in persons]
            people.add(lines)
            for domain in {line.rpartition("@")[2] for line in lines if "@" in line}:
                self._domains.setdefault(domain, []).append(place)
        self._names, self._people = names.closed(), people.closed()
        self._folded = {entry.account: fold(entry.account) for entry in self.entries}

    def search(self, query: str, limit: int = LIMIT) -> list[Hit]:
        """The accounts that fit a name or a part of it, an id, a person's name or address, or a domain; best first."""
        wanted = folded(parseaddr(query)[1] if "<" in query else query)
        if not wanted:
            return []
        found = {place: Hit(self.entries[place], None) for place in self._accounts(wanted)}
        for place, person in self._persons(wanted, limit):
            found.setdefault(place, Hit(self.entries[place], person))
        return list(found.values())[:limit]

    def near(self, query: str) -> str:
        """The names that may have been meant, as a question; nothing if none is near."""
        return near_folded(query, self._folded)

    def _accounts(self, wanted: str) -> list[int]:
        """Places of accounts: the id, then the whole name, then how it begins, then a part of it."""
        named = sorted(self._names.find(wanted, len(self.entries)), key=lambda found: _likeness(wanted, found[1]))
        return [*self._ids.get(wanted, ()), *(place for place, _ in named)]

    def _persons(self, wanted: str, limit: int) -> Iterable[tuple[int, str]]:
        """Places of accounts with the first person of each who fits. A known domain needs no scan of everybody."""
        local, at, domain = wanted.rpartition("@")
        if places := self._domains.get(domain if at else wanted):
            of_person = f"{_CELL}{wanted}\n"
            exact = [found for place in places for found in self._people.find(of_person, 1, place)] if local else []
            return exact or [(place, self._people.first(place, f"@{domain if at else wanted}\n")) for place in places]
        return self._people.find(wanted, limit)


class _Lines:
    """Lines of text in one buffer, place after place; `find` scans it and says at which place each hit is."""

    def __init__(self) -> None:
        self._buffer = bytearray(_LINE)
        self._starts: list[int] = []
        self._text = b""

    def add(self, lines: Iterable[str]) -> None:
        """The lines of the next place."""
        self._starts.append(len(self._buffer))
        self._buffer += "".join(f"{line}\n" for line in lines).encode()

    def closed(self) -> "_Lines":
        """No more lines are added: the buffer can be searched."""
        self._text = bytes(self._buffer)
        self._buffer.clear()
        self._starts.append(len(self._text))
        return self

    def find(self, pattern: str, limit: int, place: int | None = None) -> list[tuple[int, str]]:
        """The first line of each place that has the pattern, of all places or of one; `limit` places at the most."""
        wanted, found = pattern.encode(), list[tuple[int, str]]()
        at = 0 if place is None else self._starts[place]
        end = len(self._text) if place is None else self._starts[place + 1]
        while len(found) < limit and (at := self._text.find(wanted, at, end)) >= 0:
            here = bisect_right(self._starts, at) - 1
            found.append((here, self._line(at)))
            at = self._starts[here + 1]
        return found

    def first(self, place: int, pattern: str) -> str:
        """The first line of a place that has the pattern."""
        return next((line for _, line in self.find(pattern, 1, place)), "")

    def _line(self, at: int) -> str:
        begin = self._text.rfind(_LINE, 0, at + 1) + 1
        return self._text[begin : self._text.find(_LINE, max(at, begin))].decode().replace(_CELL, " ")


def folded(text: str) -> str:
    """A text as it is searched: transliterated to ASCII, lower case, runs of blanks as one."""
    if text.isascii():  # most are, and need no more
        return " ".join(text.lower().split())
    return " ".join(anyascii(fold(text)).lower().split())


# ---------------------------------------------------------------------------------------------------------------------

_CELL = "\x1f"  # between name and e-mail; folding leaves none in either
_LINE = b"\n"


def _likeness(wanted: str, name: str) -> int:
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2
