"""Signs of letters that were lost or decoded twice: in cells, and in the bytes of a whole text, to rule them out
quickly.

A letter decoded twice is UTF-8 read in another encoding: `Ã¼`, `ĂĽ`, `Р°`, `√º`. What is found here is a suspicion;
`transforms/garbled.py` decides, one cell at a time.
"""

from collections.abc import Iterable

import polars as pl

LOST = "\ufffd"  # a decoder puts it in place of bytes that it can't decode
MAYBE_TWICE = "|".join(  # two characters that may be one letter decoded twice
    (
        "[À-ĿΓ-οЀ-п][\x80-¿]",
        "[À-ÿ][ŒœŠšŸŽž]|[ĂĹ][Ā-ſ]",
        "[À-Ŀ][ƀ-ƿˀ-˿\u2000-\u2fff]",
        "[∀-≿─-╿]",  # one is enough: no name contains a mathematical symbol or a box-drawing character
    )
)


def may_have_lost(octets: pl.Series) -> bool:
    """Whether a text may contain LOST. octets: its bytes in UTF-8, as UInt8."""
    first, *rest = LOST.encode()
    second, third = _after(octets, first, range(1, len(rest) + 1))
    return bool(((second == rest[0]) & (third == rest[1])).any())


def may_be_decoded_twice(octets: pl.Series) -> bool:
    """Whether a text may contain what MAYBE_TWICE matches. octets: its bytes in UTF-8, as UInt8."""
    (second,) = _after(octets, 0xE2, [1])
    if _any_is(second, (0x88, 0x89, 0x94, 0x95)):
        return True
    third = octets.shift(-2, fill_value=0)
    return any(_any_is(octets.filter(third == byte), firsts) for byte, firsts in _FIRST_BYTES.items())


# ---------------------------------------------------------------------------------------------------------------------

_LATIN = (0xC3, 0xC4)
_FIRST_BYTES = {  # those of the first character, by that of the second
    0xC2: (*_LATIN, 0xCE, 0xD0),
    0xC4: (0xC4,),
    0xC5: _LATIN,
    0xC6: _LATIN,
    0xCB: _LATIN,
    0xE2: _LATIN,
}


def _after(octets: pl.Series, byte: int, distances: Iterable[int]) -> list[pl.Series]:
    """The bytes at these distances after each occurrence of `byte`."""
    at = octets == byte
    return [octets.shift(-distance, fill_value=0).filter(at) for distance in distances]


def _any_is(octets: pl.Series, bytes_: Iterable[int]) -> bool:
    return any((octets == byte).any() for byte in bytes_)
