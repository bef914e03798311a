"""Any text download as blocks of UTF-8 bytes, without BOM, of bounded size.

A BOM decides; else it is UTF-8 or Windows-1252, which the caller tries in this order. Nothing here knows of rows.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Literal

from sources.refusal import AGAIN, refused

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "windows-1252"]

BLOCK = 1 << 23  # bytes; the quickest: larger ones leave the processor's cache, smaller ones cost more calls
BOMS: dict[bytes, Encoding] = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


class NotUtf8(Exception):  # noqa: N818  no error, but the sign to try Windows-1252
    """The text is not UTF-8."""


def by_bom(head: bytes) -> tuple[Encoding, int] | None:
    """The encoding that a BOM at the start tells and the BOM's length, or None without one."""
    return next(((encoding, len(bom)) for bom, encoding in BOMS.items() if head.startswith(bom)), None)


def utf8_blocks(blocks: Iterator[bytes], encoding: Encoding, name: str) -> Iterator[bytes]:
    """The blocks of a file (BOM already taken off) as UTF-8.

    Blocks of a UTF-8 file pass as they are: whoever parses them finds out whether they really are UTF-8. Raises
    ExportRefused for NUL and for bytes that the encoding does not have.
    """
    for block in blocks if encoding == "utf-8" else _transcoded(blocks, encoding, name):
        if b"\0" in block:
            raise refused(
                name,
                "it holds NUL bytes, so it is damaged or no text file",
                "The file holds no NUL bytes",
                f"{AGAIN}, or save it as CSV UTF-8",
            )
        yield block


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file in blocks."""
    while block := file.read(BLOCK):
        yield block


def _transcoded(blocks: Iterator[bytes], encoding: Encoding, name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    before = b""  # a multi-byte sequence may lie across two blocks
    try:
        for block in blocks:
            if encoding == "windows-1252":
                if _MULTI_BYTE.search(before + block):
                    raise _damaged(name, "both UTF-8 and other bytes")
                before = block[-3:]
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise _damaged(name, f"bytes that {_TOLD[encoding]} does not have") from None


def _damaged(name: str, found: str) -> Exception:
    return refused(
        name,
        f"its letters are damaged, for it holds {found}",
        "The text is wholly UTF-8, UTF-16 with BOM or Windows-1252",
        f"{AGAIN}, best as CSV UTF-8",
        found=found,
    )


_TOLD = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "windows-1252": "Windows-1252"}
_MULTI_BYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]"
    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
