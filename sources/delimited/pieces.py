"""Blocks of a text cut into pieces of whole rows. What is in a row is read in `parse.py`."""

from collections.abc import Iterable, Iterator

from sources.delimited import rows
from sources.delimited.quotes import count, octets_of


def pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks joined and cut so that each piece ends where a row does, if the quotes are regular.

    A row that is longer than MAX_ROW is given as it is, unended: the csv module finds what is wrong with it.
    """
    rest = b""  # the beginning of a row whose end is in a later block
    for block in blocks:
        end = _end_of_rows(block, rest.count(b'"') % 2)
        if end or len(rest) > rows.MAX_ROW:
            yield b"".join((rest, memoryview(block)[:end]))
            rest = block[end:]
        else:
            rest += block
    if rest:
        yield rest


# ----------------------------------------------------------------------------------------------------------------------


def _end_of_rows(block: bytes, inside: int) -> int:
    """Where the last row ends that is complete in the block, taking every quote for a regular one; 0 if none is.

    `inside` is 1 if the block begins within quotes, else 0.
    """
    end = block.rfind(b"\n") + 1
    odd = (inside + count(octets_of(block).head(end), b'"')) % 2
    while end and odd:
        quote = block.rfind(b'"', 0, end)
        before = block.rfind(b"\n", 0, max(quote, 0)) + 1
        odd = (odd + block.count(b'"', before, end)) % 2
        end = before
    return end
