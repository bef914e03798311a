"""Names that the eye takes for others: letters of other alphabets, accents, digits and strokes for letters.

Somebody who registers as "Соntoso" with two Cyrillic letters, or as "Contoso lnc" with a small L, would like to be
taken for Contoso Inc. Domains are compared in `recipients.py`, with the same letters.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from schemas.names import fold

# Small letters that a reader in a hurry takes for Latin ones
ALIKE = {
    **dict(zip("абвсԁеһніјӏкмпорԛѕтухԝ", "abbcdehhijlkmnopqstyxw", strict=True)),  # Cyrillic
    **dict(zip("αγικνορτυω", "ayikvoptuw", strict=True)),  # Greek
    **dict(zip("հոսօ", "hnuo", strict=True)),  # Armenian
    **dict(zip("ıɑɡ", "iag", strict=True)),
}


def look_alikes(names: Sequence[str], others: Sequence[str] = ()) -> dict[int, str]:
    """What is suspicious about names, by their place: another name looks the same, or a word mixes alphabets.

    others: names that these are compared with besides. The sentence quotes account names, and nobody's else.
    """
    every = {*names, *others}
    by_strokes = _by_look(every, _strokes)
    suspects = [place for place, name in enumerate(names) if not name.isascii()]
    by_letters = _by_look(every, _letters) if suspects else {}
    alike = {place: _alike(name, by_strokes[_strokes(name)]) for place, name in enumerate(names)}
    alike |= {place: _alike(names[place], by_letters[_letters(names[place])]) or alike[place] for place in suspects}
    texts = ((place, _suspicion(names[place], other)) for place, other in alike.items())
    return {place: text for place, text in texts if text}


# ---------------------------------------------------------------------------------------------------------------------


def _by_look(names: Collection[str], look: Callable[[str], str]) -> dict[str, list[str]]:
    by_look = defaultdict[str, list[str]](list)
    for name in names:
        by_look[look(name)].append(name)
    return by_look


def _alike(name: str, alike: Sequence[str]) -> str:
    """The first of the others that is another name; "" if there is none."""
    return min((other for other in alike if fold(other) != fold(name)), default="") if len(alike) > 1 else ""


def _suspicion(name: str, other: str) -> str:
    is_foreign = not name.isascii() and _FOREIGN.search(_plain(name))
    if other:
        return f"The name looks like that of {other}" + (", in letters of another alphabet" if is_foreign else "")
    if not is_foreign:
        return ""
    mixed = next((word for word in _WORD.findall(name) if _LATIN.search(word) and _OTHER.search(word)), None)
    return f"The name mixes letters of two alphabets in one word: {mixed}" if mixed else ""


def _strokes(name: str) -> str:
    """The name without letter case, where what is one stroke is the same, and so are o and 0."""
    return name.translate(_STROKES).casefold()


def _letters(name: str) -> str:
    """The name as the eye sees it in a hurry: without accents, in Latin letters."""
    return _plain(name).translate(_TABLE)


def _plain(name: str) -> str:
    """The name as it is compared, without accents; full-width and mathematical letters are plain ones."""
    if name.isascii():
        return fold(name)
    apart = unicodedata.normalize("NFKD", fold(name))
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()


_STROKES = str.maketrans("Il10", "|||o")
_TABLE = str.maketrans(ALIKE)
_FOREIGN = re.compile(f"[{''.join(ALIKE)}]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_OTHER = re.compile("[Ͱ-ϿЀ-֏]")  # Greek, Cyrillic, Armenian
