"""Names that look like others: with letters of other alphabets, accents, or digits and strokes as letters.

Somebody who registers as "Соntoso" with two Cyrillic letters, or as "Contoso lnc" with a small L, wants to be taken for
Contoso Inc. `recipients.py` compares domains, by the same letters.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache

from schemas.names import fold

# Small letters that look like Latin ones at a glance
ALIKE = {
    **dict(zip("абвсԁеһніјӏкмпорԛѕтухԝ", "abbcdehhijlkmnopqstyxw", strict=True)),  # Cyrillic
    **dict(zip("αγικνορτυω", "ayikvoptuw", strict=True)),  # Greek
    **dict(zip("հոսօ", "hnuo", strict=True)),  # Armenian
    **dict(zip("ıɑɡ", "iag", strict=True)),
}


def look_alikes(names: Sequence[str], others: Sequence[str] = ()) -> dict[int, str]:
    """A sentence for each suspicious name, by its index: another name looks the same, or a word mixes alphabets.

    others: further names to compare with. The sentences quote account names only.
    """
    every = [*dict.fromkeys((*names, *others))]
    odd = [name for name in every if not name.isascii()]
    letters = cache(_letters)  # odd names need it twice
    alike = _alike(every, _strokes) | (_alike(_near(every, odd, letters), letters) if odd else {})
    suspects = {*alike, *odd}
    texts = ((place, _suspicion(name, alike.get(name, ""))) for place, name in enumerate(names) if name in suspects)
    return {place: text for place, text in texts if text}


# ---------------------------------------------------------------------------------------------------------------------


def _alike(names: Sequence[str], look: Callable[[str], str]) -> dict[str, str]:
    """For each name that looks like another, the first such one; spellings of the same name don't count."""
    looks = [*map(look, names)]
    counts = Counter(looks)
    shared = sorted((name, seen) for name, seen in zip(names, looks, strict=True) if counts[seen] > 1)
    by_look = defaultdict[str, dict[str, str]](dict)
    for name, seen in shared:
        by_look[seen].setdefault(fold(name), name)
    groups = ((name, by_look[seen]) for name, seen in shared if len(by_look[seen]) > 1)
    return {name: next(other for key, other in group.items() if key != fold(name)) for name, group in groups}


def _near(names: Sequence[str], odd: Sequence[str], look: Callable[[str], str]) -> list[str]:
    """The odd names and those that may look like one of them. Folding all of 20,000 names would take 0.1 s."""
    looks = {*map(look, odd)}
    return [name for name in names if not name.isascii() or name.casefold() in looks or _BLANKS.search(name)]


def _suspicion(name: str, other: str) -> str:
    """Of a name in plain letters and its look-alike in others, only the latter is suspicious."""
    is_foreign = not name.isascii() and _FOREIGN.search(fold(name))
    if other and (other.isascii() or not name.isascii()):
        return f"The name looks like that of {other}" + (", in letters of another alphabet" if is_foreign else "")
    if not is_foreign:
        return ""
    mixed = next((word for word in _WORD.findall(name) if _LATIN.search(word) and _OTHER.search(word)), None)
    return f"The name mixes letters of two alphabets in one word: {mixed}" if mixed else ""


def _strokes(name: str) -> str:
    """The name without letter case, with `I`, `l` and `1` the same, and `o` and `0`."""
    return _latin(name).translate(_STROKES).casefold()


def _letters(name: str) -> str:
    """The name folded, in Latin letters."""
    return fold(_latin(name))


def _latin(name: str) -> str:
    """The name in Latin letters without accents; full-width and mathematical letters are plain ones."""
    return name if name.isascii() else unicodedata.normalize("NFKD", name).translate(_TABLE)


class _Table(dict[int, str | int | None]):
    """The Latin letter to show, by code point; combining accents are dropped. Filled as letters are looked up."""

    def __missing__(self, letter: int) -> int | None:
        self[letter] = shown = None if unicodedata.combining(chr(letter)) else letter
        return shown


_BLANKS = re.compile(r"\s\s|^\s|\s$")
_STROKES = str.maketrans("Il10", "|||o")
_CAPITALS = {letter.upper(): latin.upper() for letter, latin in ALIKE.items()}
_TABLE = _Table({ord(letter): latin for letter, latin in (ALIKE | _CAPITALS).items()})
_FOREIGN = re.compile(f"[{''.join(ALIKE)}]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_OTHER = re.compile("[Ͱ-ϿЀ-֏]")  # Greek, Cyrillic, Armenian
