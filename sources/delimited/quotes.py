"""Where the quotes of a text are, by arithmetic on its bytes.

A piece of some MiB is one series of bytes. Comparing, shifting and filtering it is many times faster than going from
quote to quote, and lets other threads run. The answers decide whether polars may parse a piece (`parse.py`); nothing is
parsed here.
"""

from typing import NamedTuple

import polars as pl

QUOTE, LF, CR = b'"\n\r'


class Quotes(NamedTuple):
    """The quotes of a text that begins with a row: alternately opening and closing, so a doubled quote is one of each.

    Both are frames of the bytes `before` and `after` each quote (UInt8; LF at the text's beginning and end), in order.
    """

    opening: pl.DataFrame
    closing: pl.DataFrame


def octets_of(text: bytes) -> pl.Series:
    """The bytes of the text as UInt8."""
    return pl.Series([text], dtype=pl.Binary).cast(pl.List(pl.UInt8)).explode(empty_as_null=False)


def count(octets: pl.Series, byte: bytes) -> int:
    """How often the byte occurs."""
    return int((octets == ord(byte)).sum())


def quotes_of(octets: pl.Series) -> Quotes:
    """The quotes of the text with these bytes."""
    marks = octets == QUOTE
    around = pl.DataFrame(
        {
            "before": octets.shift(1, fill_value=LF).filter(marks),
            "after": octets.shift(-1, fill_value=LF).filter(marks),
        }
    )
    return Quotes(around.gather_every(2), around.gather_every(2, offset=1))


def enclose_cells(quotes: Quotes, separator: str) -> bool:
    """Whether quotes only enclose whole cells, and each one closes.

    That is: every opening quote is at the start of a cell or after a closing one, and every closing quote is at the end
    of a cell or before an opening one.
    """
    opening, closing = quotes.opening["before"], quotes.closing["after"]
    return (
        opening.len() == closing.len()
        and opening.is_in([ord(separator), LF, QUOTE]).all()
        and closing.is_in([ord(separator), LF, CR, QUOTE]).all()
    )


def has_empty_cell(quotes: Quotes) -> bool:
    """Whether a cell is just two quotes. Requires `enclose_cells`."""
    begins = (quotes.opening["before"] != QUOTE) & (quotes.opening["after"] == QUOTE)
    return bool((begins & (quotes.closing["after"] != QUOTE)).any())


def has_lone_cr(octets: pl.Series) -> bool:
    """Whether there is a CR without LF outside quotes. The text must begin with a row."""
    lone = (octets == CR) & (octets.shift(-1, fill_value=0) != LF)
    return bool(lone.any()) and count_outside(octets, lone) > 0


def count_outside(octets: pl.Series, marks: pl.Series) -> int:
    """How many of the marked bytes (Boolean, no quotes among them) are outside quotes."""
    quotes = octets == QUOTE
    is_quote = quotes.filter(quotes | marks)
    return int((~is_quote & (is_quote.cum_sum() % 2 == 0)).sum())
