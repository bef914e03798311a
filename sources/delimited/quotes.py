"""Where quotes are in a text, by arithmetic on its bytes.

A text of some MiB is a series of its bytes, and all questions about quotes are answered by comparing, shifting and
filtering it: many times quicker than going from quote to quote, and other threads go on meanwhile. What is asked here
decides whether polars may parse a piece (`sources/delimited/parse.py`); nothing is parsed here.
"""

from typing import NamedTuple

import polars as pl

QUOTE, LF, CR = b'"\n\r'


class Quotes(NamedTuple):
    """The quotes of a text that begins where a row does, by turns opening and closing; two that mean one do both.

    Each is a frame of the bytes `before` and `after` the quotes (UInt8; LF where the text begins or ends), in order.
    """

    opening: pl.DataFrame
    closing: pl.DataFrame


def octets_of(text: bytes) -> pl.Series:
    """The bytes of the text as UInt8."""
    return pl.Series([text], dtype=pl.Binary).cast(pl.List(pl.UInt8)).explode(empty_as_null=False)


def count(octets: pl.Series, byte: bytes) -> int:
    """How often the byte is there."""
    return int((octets == ord(byte)).sum())


def quotes_of(octets: pl.Series) -> Quotes:
    """The quotes of the text that has these bytes."""
    marks = octets == QUOTE
    around = pl.DataFrame(
        {
            "before": octets.shift(1, fill_value=LF).filter(marks),
            "after": octets.shift(-1, fill_value=LF).filter(marks),
        }
    )
    return Quotes(around.gather_every(2), around.gather_every(2, offset=1))


def stand_around_cells(quotes: Quotes, separator: str) -> bool:
    """Whether they are around whole cells only, and each one closes.

    It is so if what opens is at the beginning of a cell or behind what closes, and what closes at the end of a cell
    or before what opens.
    """
    opening, closing = quotes.opening["before"], quotes.closing["after"]
    return (
        opening.len() == closing.len()
        and opening.is_in([ord(separator), LF, QUOTE]).all()
        and closing.is_in([ord(separator), LF, CR, QUOTE]).all()
    )


def has_empty_cell(quotes: Quotes) -> bool:
    """Whether there is a cell of two quotes only; they must be around cells."""
    begins = (quotes.opening["before"] != QUOTE) & (quotes.opening["after"] == QUOTE)
    return bool((begins & (quotes.closing["after"] != QUOTE)).any())


def has_lone_cr(octets: pl.Series) -> bool:
    """Whether outside of quotes there is a CR that no LF follows; the text must begin where a row does."""
    lone = (octets == CR) & (octets.shift(-1, fill_value=0) != LF)
    return bool(lone.any()) and count_outside(octets, lone) > 0


def count_outside(octets: pl.Series, marks: pl.Series) -> int:
    """How many of the marked bytes (Boolean, no quotes among them) are outside quotes."""
    quotes = octets == QUOTE
    is_quote = quotes.filter(quotes | marks)
    return int((~is_quote & (is_quote.cum_sum() % 2 == 0)).sum())
