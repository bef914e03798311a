"""An index of the addresses and domains of all people in ready reports: a sorted file for binary search.

To tell whether an address is another company's takes everybody's addresses, and 20,000 reports can't be read for every
draft. Each line is an address (or `@` and a domain), a tab, and the account's index in ready/manifest.json. The first
line has the SHA-256 of that manifest; if it differs, the file is rebuilt. `transforms/address_lines.py` makes the
lines.
"""

import hashlib
import mmap
from pathlib import Path

from exports.home.files import write_file
from exports.home.layout import MANIFEST, Home

FILE = ".addresses"  # in the home; losing it costs the next draft some seconds


class Addresses:
    """The sorted lines as a `transforms.recipients.Everybody`."""

    def __init__(self, lines: bytes | mmap.mmap, start: int = 0) -> None:
        self._lines, self._start = lines, start

    def with_address(self, address: str) -> list[int]:
        """The accounts that have a person with this address."""
        return self._accounts(address)

    def with_domain(self, domain: str) -> list[int]:
        """The accounts that have people in this domain."""
        return self._accounts(f"@{domain}")

    def _accounts(self, key: str) -> list[int]:
        beginning = f"{key}\t".encode()
        at, places = self._first(beginning), []
        while self._lines[at : at + len(beginning)] == beginning:
            end = self._lines.find(b"\n", at)
            places.append(int(self._lines[at + len(beginning) : end]))
            at = end + 1
        return places

    def _first(self, beginning: bytes) -> int:
        """The position of the first line that is not less."""
        low, high = self._start, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            start = max(low, self._lines.rfind(b"\n", low, middle) + 1)
            end = self._lines.find(b"\n", middle) + 1
            if self._lines[start:end] < beginning:
                low = end
            else:
                high = start
        return low


def stamp(folder: Path) -> bytes:
    """The stamp of the addresses of one version of ready/: the SHA-256 of its manifest."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest().encode()


def kept(home: Home, made_from: bytes) -> Addresses | None:
    """The stored addresses; None if there are none, or if they belong to another version of ready/."""
    try:
        with (home.root / FILE).open("rb") as file:
            lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):  # ValueError: an empty file
        return None
    start = lines.find(b"\n") + 1
    return Addresses(lines, start) if start and lines[: start - 1] == made_from else None


def keep(home: Home, made_from: bytes, lines: bytes) -> Addresses:
    """Store sorted lines. Requires `Home.writing`."""
    write_file(home.root / FILE, made_from + b"\n" + lines)
    return Addresses(lines)
