"""Any text download as blocks of UTF-8 bytes of limited size, without BOM.

`decide.py` finds the encoding of a text without BOM. Nothing here knows about rows.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from sources.refusal import DOWNLOAD_AGAIN, refused

BLOCK = 1 << 23  # bytes; the fastest size: larger blocks don't fit the processor's cache, smaller ones cost more calls
UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"
SUPERSETS = {  # for encodings whose name often stands for a larger one, as browsers have it
    "utf-8": "utf-8-sig",
    "ascii": WINDOWS_1252,
    "iso8859-1": WINDOWS_1252,
    "cp1252": WINDOWS_1252,
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
}
NO_LETTERS = re.compile("[\x80-\x84\x86-\x9f\ue000-\uf8ff]")  # what bytes become in the wrong encoding
ESCAPE = b"\x1b"
ISO_2022 = ESCAPE + b"$"  # begins letters in ISO-2022-JP and related encodings, which use ASCII bytes only
BOMS = {  # UTF-32 before UTF-16, because its BOM begins like the other
    codecs.BOM_UTF8: UTF_8,
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


class NotUtf8(Exception):  # noqa: N818  not an error, but a signal to try another encoding
    """The text is not UTF-8, or has bytes that no text has."""


def by_bom(head: bytes) -> tuple[str, int] | None:
    """The encoding that a BOM at the start stands for, and the BOM's length; None without a BOM."""
    return next(((encoding, len(bom)) for bom, encoding in BOMS.items() if head.startswith(bom)), None)


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file in blocks."""
    while block := file.read(BLOCK):
        yield block


def utf8_blocks(blocks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    """The blocks of a file, its BOM removed, as UTF-8 and without a DOS end-of-file character (0x1A).

    Blocks of a UTF-8 file pass unchanged, and may turn out not to be UTF-8 when parsed. Raises NotUtf8 if they
    certainly aren't, and ExportRefused for NUL and other bytes that the encoding does not have.
    """
    return _without_dos_end(_checked_utf8(blocks) if encoding == UTF_8 else _transcoded(blocks, encoding, name))


def has_nul(name: str, hint: str = "") -> Exception:
    """The refusal of a text with NUL bytes. hint: what else to try."""
    return refused(
        name,
        "it has NUL bytes, so it is damaged or not a text file",
        "The file has no NUL bytes",
        f"{DOWNLOAD_AGAIN}, or save it as CSV UTF-8{hint}",
    )


def damaged(name: str, found: str, remedy: str = f"{DOWNLOAD_AGAIN}, preferably as CSV UTF-8") -> Exception:
    """The refusal of a text whose letters can't be decoded. found: what is wrong with them."""
    rule = "The whole text is UTF-8, UTF-16 or UTF-32 with BOM, or in the given encoding"
    return refused(name, f"its letters are damaged: {found}", rule, remedy, found=found)


# ----------------------------------------------------------------------------------------------------------------------


def _checked_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        if b"\0" in block or (ESCAPE in block and ISO_2022 in block):  # finding one byte is 50 times faster than two
            raise NotUtf8
        yield block


def _transcoded(blocks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in blocks:
            yield _checked(decoder.decode(block), encoding, name).encode()
        yield _checked(decoder.decode(b"", final=True), encoding, name).encode()
    except UnicodeError:
        plain = encoding.removesuffix("-sig")
        raise damaged(name, f"it has bytes that {plain} does not have", _remedy(encoding)) from None


def _remedy(encoding: str) -> str:
    by_hand = "Leave out --encoding and PARTNER_CERTS_ENCODING to see which encodings it may be in"
    return f"{DOWNLOAD_AGAIN}, preferably as CSV UTF-8" if encoding.startswith(("utf-16", "utf-32")) else by_hand


def _checked(text: str, encoding: str, name: str) -> str:
    if "\0" in text:
        raise has_nul(name)
    if not encoding.startswith("utf") and NO_LETTERS.search(text):
        raise UnicodeError
    return text


def _without_dos_end(blocks: Iterator[bytes]) -> Iterator[bytes]:
    kept = b""  # withheld, because it may be the DOS end
    for block in filter(None, blocks):
        whole = kept + block if kept else block
        end = _DOS_END.search(whole, max(len(whole) - _LONGEST_END, 0))
        kept = end[0] if end else b""
        yield whole[: len(whole) - len(kept)] if kept else whole


_DOS_END = re.compile(rb"\x1a+\Z|(?<=[\r\n])\x1a+[\r\n]*\Z")  # some programs still write it at the end of a text
_LONGEST_END = 1 << 10  # bytes
