"""Whose the addresses and domains of all ready reports' people are, in one sorted file: looked up, never read whole.

Telling whether an address is another company's takes everybody's addresses, and 20,000 reports can't be read each time
somebody drafts a mail. Each line is an address (or `@` and a domain), a tab and the place of the account in
ready/manifest.json; the first line has the SHA-256 of the manifest that it was made from, and with another one it is
made anew. How the lines are made is in `transforms/address_lines.py`.
"""

import hashlib
import mmap
from pathlib import Path

from exports.home.files import write_file
from exports.home.layout import MANIFEST, Home

FILE = ".addresses"  # in the home; losing it costs the next draft some seconds


class Addresses:
    """The sorted lines, as `transforms.recipients.Everybody` wants to be asked."""

    def __init__(self, lines: bytes | mmap.mmap, start: int = 0) -> None:
        self._lines, self._start = lines, start

    def with_address(self, address: str) -> list[int]:
        """The accounts that have a person with this address."""
        return self._accounts(address)

    def with_domain(self, domain: str) -> list[int]:
        """The accounts that have people of this domain."""
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
        """Where the first line is that is not less."""
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
    """What the addresses of one resolved ready/ are marked with."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest().encode()


def kept(home: Home, made_from: bytes) -> Addresses | None:
    """The addresses that were kept; None if there are none, or if they are of another ready/."""
    try:
        with (home.root / FILE).open("rb") as file:
            lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):  # ValueError: an empty file
        return None
    start = lines.find(b"\n") + 1
    return Addresses(lines, start) if start and lines[: start - 1] == made_from else None


def keep(home: Home, made_from: bytes, lines: bytes) -> Addresses:
    """Keep sorted lines. Call it as the writer of the home."""
    write_file(home.root / FILE, made_from + b"\n" + lines)
    return Addresses(lines)
