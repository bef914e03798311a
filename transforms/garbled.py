"""Cells whose letters were decoded twice: `JÃ¼rgen` for Jürgen. They are not faults, but a person should see them.

Patterns (`schemas/letters.py`) find the few suspects in whole columns; each is examined here.
"""

import re

import polars as pl

from schemas.columns import ACCOUNT_NAME, ROW, TEXTS
from schemas.letters import MAYBE_TWICE

# Encodings that ftfy does not know, or only in part
_OTHERS = ("cp1250", "cp1251", "cp1253", "cp1257", "iso8859-2", "mac-roman", "cp437", "cp850")


NO_CELLS = pl.DataFrame(schema={"account": pl.UInt32, ROW: pl.UInt32, "column": pl.String, "cell": pl.String})


def garbled_cells(people: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The cells whose letters were decoded twice: `account`, `row`, `column`, `cell`; in row order.

    people: a SELECTED frame. accounts: one row per account, `account` and `name`; `row` is null for a name.
    """
    names = accounts.lazy().select("account", row=pl.lit(None, pl.UInt32), column=pl.lit(ACCOUNT_NAME), cell="name")
    texts = [people.lazy().select("account", ROW, column=pl.lit(text), cell=text) for text in TEXTS]
    suspects = pl.concat(pl.collect_all(_suspects(cells) for cells in (names, *texts)))
    garbled = [cell for cell in suspects["cell"].unique() if is_decoded_twice(cell)]
    return suspects.filter(pl.col("cell").is_in(garbled)).sort(ROW, maintain_order=True)


def is_decoded_twice(text: str) -> bool:
    """Whether a text makes more sense when encoded again and decoded as UTF-8."""
    from ftfy import fix_encoding  # late: it takes 0.17 s, and few exports have such cells

    once = fix_encoding(text)
    is_fixed = once != text and not re.search(_STRANGE, once)
    return is_fixed or any(_is_better(text, encoding) for encoding in _OTHERS)


# ---------------------------------------------------------------------------------------------------------------------


def _suspects(cells: pl.LazyFrame) -> pl.LazyFrame:
    return cells.filter(pl.col("cell").str.contains(MAYBE_TWICE))


def _is_better(text: str, encoding: str) -> bool:
    try:
        once = text.encode(encoding).decode()
    except UnicodeError:
        return False
    return _oddness(once) < _oddness(text) and not re.search(_STRANGE, once)


def _oddness(text: str) -> int:
    """How many symbols and capitals are in places where no word has them."""
    return len(re.findall(_ODD, text)) + sum(not (char.isascii() or char.isalpha()) for char in text)


# A capital after a small letter, and two before one
_UPPER, _LOWER = "A-ZÀ-ÖØ-ÞĂĆĎĐĹĽŁŃŇŐŘŚŠŤŮŰŹŻŽΑ-ΩА-ЯЃЄІЇЈЉЊЋЌЎЏҐ", "a-zß-öø-ÿăćďđĺľłńňőřśšťůűźżžα-ωа-яѓєіїјљњћќўџґ"
_STRANGE = "[ɐ-˿]|[A-Za-z][Ͱ-ӿ]|[Ͱ-ӿ][A-Za-z]"  # phonetic letters, and words of two scripts
_ODD = f"[{_LOWER}][{_UPPER}]|[{_UPPER}]{{2}}[{_LOWER}]"
