"""A workbook's package: its parts zipped one after another, without the time and the system of who makes it.

The bytes are those that Python's zipfile would write; it takes several times as long for small parts.
"""

import struct
import zlib
from typing import NamedTuple, Self


class Package(NamedTuple):
    """Parts so far, the lines of the directory that comes behind them, and how many they are."""

    parts: bytes = b""
    directory: bytes = b""
    amount: int = 0

    def add(self, name: str, text: str) -> Self:
        """The package with one more part."""
        raw, named = text.encode(), name.encode()
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = packer.compress(raw) + packer.flush()
        about = struct.pack(
            "<5H3L2H", _VERSION, 0, zlib.DEFLATED, 0, _DAY, zlib.crc32(raw), len(data), len(raw), len(named), 0
        )
        where = struct.pack("<3H2L", 0, 0, 0, _PRIVATE, len(self.parts))
        line = b"PK\x01\x02" + struct.pack("<H", _VERSION) + about + where + named
        return self._replace(
            parts=self.parts + b"PK\x03\x04" + about + named + data,
            directory=self.directory + line,
            amount=self.amount + 1,
        )

    @property
    def file(self) -> bytes:
        """All of it as a file."""
        ends = struct.pack("<4H2LH", 0, 0, self.amount, self.amount, len(self.directory), len(self.parts), 0)
        return self.parts + self.directory + b"PK\x05\x06" + ends


# ---------------------------------------------------------------------------------------------------------------------

_LEVEL = 1  # of compression
_VERSION = 20  # of the format: what is deflated needs it
_DAY = 1 << 5 | 1  # 1 January 1980, the first that there is
_PRIVATE = 0o600 << 16  # a file of its owner's, where somebody unpacks it
