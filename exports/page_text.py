"""What partners typed, as text that a page or a shell can hold without harm: escaped, isolated, nothing invisible.

Here are cells and words only; tables are made by `exports/page_tables.py`, the page by `exports/page.py`. The strings
that come out of here are HTML; they are plain strings because there may be a hundred thousand of them.
"""

import re
import shlex
from html import escape

BLANK = '<span class="blank">(blank)</span>'


def shown(text: str | None) -> str:
    """A partner-typed text as HTML: escaped, apart from the direction of its surroundings, odd characters named."""
    text = text or ""
    escaped = escape(text)
    if _plain(text):
        return f"<bdi>{escaped}</bdi>"
    return f"<bdi>{_ODD.sub(_mark, escaped)}</bdi>"


def cell(text: str) -> str:
    """A cell of a report as HTML; a blank one is told in words."""
    return shown(text) if text else BLANK


def shell_word(word: str) -> str:
    """One word of a POSIX shell command. Characters that a terminal may act on or hide are written as escapes."""
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_shell_character, word)) + "'"


def _plain(text: str) -> bool:
    """The common case, told quickly: nothing here can be odd."""
    return text.isascii() and text.isprintable() and "  " not in text and text.strip(" ") == text


def _mark(found: re.Match[str]) -> str:
    return "".join(f'<i class="odd">{_NAMES.get(sign) or f"U+{ord(sign):04X}"}</i>' for sign in found[0])


def _shell_character(sign: str) -> str:
    if sign in "'\\":
        return "\\" + sign
    if sign.isprintable():
        return sign
    return f"\\x{ord(sign):02x}" if sign < "\x80" else f"\\U{ord(sign):08x}"


_NAMES = {"\t": "TAB", "\n": "LF", "\r": "CR", " ": "SPACE", "\xa0": "NBSP", "\u200e": "LRM", "\u200f": "RLM"}
_ODD = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
    "|(?<![\u0600-\U0010ffff])[\u200c\u200d]"  # joiners belong to some scripts and to emoji
    r"|\A +| +\Z| (?= )"
)
