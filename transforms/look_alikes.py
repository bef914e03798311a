"""Names that the eye takes for others: letters of other alphabets that look like Latin ones.

Somebody who registers as "Соntoso" with two Cyrillic letters would like to be taken for Contoso. Domains are compared
in `recipients.py`, with the same letters.
"""

import re
from collections.abc import Sequence

from schemas.names import fold

# Small letters that a reader in a hurry takes for Latin ones
ALIKE = {
    **dict(zip("абвсԁеһніјӏкмпорԛѕтухԝ", "abbcdehhijlkmnopqstyxw", strict=True)),  # Cyrillic
    **dict(zip("αικνορτυω", "aikvoptuw", strict=True)),  # Greek
}


def look_alikes(names: Sequence[str]) -> dict[int, str]:
    """What is suspicious about names with such letters, by their place: another name looks the same, or a word mixes
    alphabets. The sentence quotes account names, and nobody's else."""
    suspects = [place for place, name in enumerate(names) if not name.isascii() and _SUSPECT.search(fold(name))]
    if not suspects:
        return {}
    by_look: dict[str, set[str]] = {}
    for name in {*names}:
        by_look.setdefault(_seen(name), set()).add(name)
    texts = ((place, _words(names[place], by_look[_seen(names[place])])) for place in suspects)
    return {place: text for place, text in texts if text}


# ---------------------------------------------------------------------------------------------------------------------


def _words(name: str, alike: set[str]) -> str:
    others = sorted(other for other in alike if fold(other) != fold(name))
    if others:
        return f"The name looks like that of {others[0]}, in letters of another alphabet"
    mixed = next((word for word in _WORD.findall(name) if _LATIN.search(word) and _OTHER.search(word)), None)
    return f"The name mixes letters of two alphabets in one word: {mixed}" if mixed else ""


def _seen(name: str) -> str:
    return fold(name).translate(_TABLE)


_TABLE = str.maketrans(ALIKE)
_SUSPECT = re.compile(f"[{''.join(ALIKE)}]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_OTHER = re.compile("[Ͱ-ϿЀ-ԯ]")  # Greek, Cyrillic
