"""The container of old workbooks (OLE compound file): its top-level streams, by name."""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sources.workbook.refusals import Refused, damaged

END = 0xFFFFFFFA  # sector numbers are smaller; this and higher ones mean none
HEADER_FAT = 109  # sectors of the table that the header lists
SMALL = 64  # bytes of a small sector


class CompoundFile:
    """The streams of a compound file. Raises Refused if it is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            (shift,) = struct.unpack_from("<H", data, 30)
            self._size = 1 << shift
            directory, self._cutoff, small_table = struct.unpack_from("<I4xII", data, 48)
            self._table = _numbers(b"".join(map(self._sector, self._table_sectors())))
            entries = [_entry(raw) for raw in _cut(self._chain(directory), 128)]
            self._small_table = _numbers(self._chain(small_table))
            self._small = self._chain(entries[0].start)
            self._top = {entry.name: entry for entry in _siblings(entries, entries[0].child)}
        except (struct.error, IndexError, ValueError):
            raise Refused(damaged("it begins like an old workbook but is truncated or damaged")) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the top-level streams."""
        return tuple(self._top)

    def stream(self, name: str) -> bytes:
        """A top-level stream. Raises Refused if its chain of sectors is broken."""
        entry = self._top[name]
        try:
            if entry.size >= self._cutoff:
                return self._chain(entry.start)[: entry.size]
            sectors = _chain(entry.start, self._small_table)
            return b"".join(self._small[at * SMALL : (at + 1) * SMALL] for at in sectors)[: entry.size]
        except (IndexError, ValueError):
            raise Refused(damaged("it begins like an old workbook but is truncated or damaged")) from None

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        if at >= len(self._data):
            raise ValueError(number)
        return self._data[at : at + self._size]

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, _chain(start, self._table)))

    def _table_sectors(self) -> Iterator[int]:
        """The sectors of the table: the header lists the first ones, separate sectors the rest."""
        (more,) = struct.unpack_from("<I", self._data, 68)
        yield from _used(struct.unpack_from(f"<{HEADER_FAT}I", self._data, 76))
        for _ in range(len(self._data) // self._size):
            if more >= END:
                return
            *numbers, more = _numbers(self._sector(more))
            yield from _used(numbers)


# ----------------------------------------------------------------------------------------------------------------------

NONE = 0xFFFFFFFF


class _Entry(NamedTuple):
    """An entry of the directory; left, right and child are numbers of other entries."""

    name: str
    left: int
    right: int
    child: int
    start: int
    size: int


def _entry(raw: bytes) -> _Entry:
    (length,) = struct.unpack_from("<H", raw, 64)
    left, right, child = struct.unpack_from("<III", raw, 68)
    start, size = struct.unpack_from("<II", raw, 116)
    return _Entry(raw[: max(length - 2, 0)].decode("utf-16-le", "replace"), left, right, child, start, size)


def _siblings(entries: list[_Entry], number: int) -> Iterator[_Entry]:
    """An entry and all its siblings, which form a tree."""
    seen: set[int] = set()
    waiting = [number]
    while waiting:
        number = waiting.pop()
        if number != NONE and number not in seen:
            seen.add(number)
            entry = entries[number]
            waiting += [entry.left, entry.right]
            yield entry


def _chain(start: int, table: tuple[int, ...]) -> Iterator[int]:
    """The sector numbers of a chain. Raises ValueError if it has no end."""
    for _ in range(len(table) + 1):
        if start >= END:
            return
        yield start
        start = table[start]
    raise ValueError(start)


def _used(numbers: Iterable[int]) -> Iterator[int]:
    return (number for number in numbers if number < END)


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
