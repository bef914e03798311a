"""Cutting a text into pieces of whole rows. `parse.py` parses the rows."""

from collections.abc import Iterable, Iterator

from sources.delimited import rows
from sources.delimited.quotes import count, octets_of


def pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks rearranged so that each piece ends with a row, if the quotes are regular.

    A row longer than MAX_ROW is passed on incomplete: the csv module will find what is wrong with it.
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
    """The end of the last complete row in the block, assuming that all quotes are regular; 0 if there is none.

    inside: 1 if the block begins inside quotes, else 0.
    """
    end = block.rfind(b"\n") + 1
    odd = (inside + count(octets_of(block).head(end), b'"')) % 2
    while end and odd:
        quote = block.rfind(b'"', 0, end)
        before = block.rfind(b"\n", 0, max(quote, 0)) + 1
        odd = (odd + block.count(b'"', before, end)) % 2
        end = before
    return end
