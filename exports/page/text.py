"""Makes what partners typed safe in a page or a shell command: escaped, isolated, nothing invisible.

Only single texts; tables are made in `tables.py`, the page in `render.py`. The results are HTML, but plain strings and
not Markup, because there may be a hundred thousand.
"""

import re
import shlex
from functools import lru_cache
from html import escape

import polars as pl

BLANK = '<span class="blank">(blank)</span>'


@lru_cache(maxsize=1 << 12)  # the name of an account comes several times in a row, and some words often
def shown(text: str | None) -> str:
    """A partner's text as HTML: escaped, isolated from the writing direction around it, odd characters named."""
    if not text or _PLAIN.fullmatch(text):
        return f"<bdi>{text or ''}</bdi>"
    return f"<bdi>{_ODD.sub(_mark, escape(text))}</bdi>"


def all_shown(texts: pl.Series) -> pl.Series:
    """As `shown`, for a column of texts; null stays null. Few are examined one by one."""
    suspects = texts.filter(texts.str.contains(_SUSPECT)).unique()
    if suspects.is_empty():
        return _isolated(texts)
    is_odd = suspects.str.contains(_ODD_SUSPECT)
    odd, plain = suspects.filter(is_odd), suspects.filter(~is_odd)
    marked = pl.Series([shown(text) for text in odd], dtype=pl.String)
    escaped = _isolated(plain.str.replace_many(list(_ESCAPED), list(_ESCAPED.values())))
    return texts.replace_strict(odd.append(plain), marked.append(escaped), default=_isolated(texts))


def shell_word(word: str) -> str:
    """One word of a POSIX shell command. Characters that a terminal may interpret or hide are written as escapes."""
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_shell_character, word)) + "'"


# ----------------------------------------------------------------------------------------------------------------------


def _isolated(texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(pl.format("<bdi>{}</bdi>", "text")).to_series()


def _mark(match: re.Match[str]) -> str:
    return "".join(f'<i class="odd">{_NAMES.get(sign) or f"U+{ord(sign):04X}"}</i>' for sign in match[0])


def _shell_character(sign: str) -> str:
    if sign in "'\\":
        return "\\" + sign
    if sign.isprintable():
        return sign
    return f"\\x{ord(sign):02x}" if sign < "\x80" else f"\\U{ord(sign):08x}"


_WORD = r"[A-Za-z0-9.,:;@+()/#_-]++"
_PLAIN = re.compile(rf"{_WORD}(?: {_WORD})*+")  # the common case: nothing to escape, nothing odd
_NAMES = {"\t": "TAB", "\n": "LF", "\r": "CR", " ": "SPACE", "\xa0": "NBSP", "\u200e": "LRM", "\u200f": "RLM"}
_ODD_SIGNS = (
    "\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef"
)
_ODD = re.compile(
    rf"[{_ODD_SIGNS}\ud800-\udfff]"
    "|(?<![\u0600-\U0010ffff])[\u200c\u200d]"  # joiners belong to some scripts and to emoji
    r"|\A +| +\Z| (?= )"
)
_ESCAPED = {sign: escape(sign) for sign in "&<>\"'"}
_ODD_SUSPECT = rf"[{_ODD_SIGNS}\x{{200c}}\x{{200d}}]|^ | $|  "  # in the syntax of polars
_SUSPECT = rf"[{''.join(_ESCAPED)}]|{_ODD_SUSPECT}"
