"""Names and ids of accounts as they are compared, one text at a time; whole columns do it in `transforms/fold.py`."""

import unicodedata
from collections.abc import Iterable

NEAR = 3  # names that are suggested

# White space as Unicode has it; Python's own strip() takes four control characters more
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def fold(text: str) -> str:
    """A name or id as it is compared: trimmed, NFC, letter case ignored."""
    return unicodedata.normalize("NFC", text.strip(BLANKS)).casefold()


def fold_blanks(text: str) -> str:
    """The same with blanks within as one, for what a person types."""
    return " ".join(fold(text).split())


def near(wanted: str, names: Iterable[str]) -> str:
    """The names that may have been meant, as a question with a blank before it; nothing if none is near."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        wanted, list(dict.fromkeys(names)), scorer=fuzz.WRatio, processor=fold_blanks, limit=NEAR, score_cutoff=60
    )
    return f" Did you mean {' or '.join(repr(name) for name, *_ in found)}?" if found else ""
