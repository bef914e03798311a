"""The encoding of a text that has no BOM and is not UTF-8.

It is the one that a person gave, else Windows-1252 if the text then reads like a Western European language
(`western.py`). Anything else is refused with the possible encodings (`candidates.py`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sources.delimited import candidates
from sources.delimited.encoding import ISO_2022, WINDOWS_1252, blocks_of, damaged, has_nul
from sources.delimited.western import has_odd_word

ENOUGH = 1 << 20  # bytes beyond ASCII to count
MOSTLY = 0.8  # of a run of such bytes is UTF-8: the last letter of a cell may be cut


def encoding_of(file: BinaryIO, name: str, given: str | None = None) -> str:
    """The encoding of a text. given: the one that a person gave, if any. Raises ExportRefused."""
    if given and not is_single_byte(given):
        return given
    evidence = _evidence(blocks_of(file))
    if evidence.has_nul:
        raise has_nul(name, _utf_16_hint(file))
    if 2 * evidence.in_utf8 >= evidence.beyond_ascii > 0:
        raise damaged(name, "it has both UTF-8 and other bytes")
    if given:
        return given
    if evidence.is_western:
        return WINDOWS_1252
    raise candidates.refusal(file, name, is_iso_2022=evidence.is_iso_2022)


def is_single_byte(encoding: str) -> bool:
    """Whether each byte is a character in this encoding."""
    return (
        len(bytes(range(0x80, 0x100)).decode(encoding, "replace")) == 0x80 and b"a".decode(encoding, "replace") == "a"
    )


# ----------------------------------------------------------------------------------------------------------------------


@dataclass
class _Evidence:
    """What the bytes of a text reveal about its encoding."""

    has_nul: bool = False
    is_iso_2022: bool = False
    is_western: bool = True
    beyond_ascii: int = 0  # bytes
    in_utf8: int = 0  # of them


def _evidence(blocks: Iterable[bytes]) -> _Evidence:
    evidence = _Evidence()
    for lines in _whole_lines(blocks):
        if b"\0" in lines:
            evidence.has_nul = True
            break
        if ISO_2022 in lines:
            evidence.is_iso_2022 = True
            evidence.is_western = False
        for run in _BEYOND_ASCII.findall(lines) if evidence.beyond_ascii < ENOUGH else ():
            evidence.beyond_ascii += len(run)
            in_utf8 = len(run) - len(_UTF_8.sub(b"", run))
            evidence.in_utf8 += in_utf8 if in_utf8 >= MOSTLY * len(run) else 0
        evidence.is_western = evidence.is_western and _is_western(lines)
    return evidence


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks cut at line ends, if they have any."""
    rest = b""
    for block in blocks:
        head, end, tail = (rest + block).rpartition(b"\n")
        yield head + end or tail
        rest = tail if end else b""
    yield rest


def _is_western(lines: bytes) -> bool:
    try:
        return not has_odd_word(lines.decode(WINDOWS_1252))
    except UnicodeDecodeError:
        return False


def _utf_16_hint(file: BinaryIO) -> str:
    """What else to try if every other byte is NUL; else ""."""
    file.seek(0)
    head = file.read(1 << 12)
    for encoding, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) * 2 > len(zeros) and not others.count(0):
            return f", or give --encoding {encoding}"
    return ""


_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_UTF_8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]"
    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
