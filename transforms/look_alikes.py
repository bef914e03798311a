"""Names that look like others: with letters of other alphabets, accents, or digits and strokes as letters.

Somebody who registers as "Соntoso" with two Cyrillic letters, or as "Contoso lnc" with a small L, wants to be taken for
Contoso Inc. `recipients.py` compares domains, by the same letters.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

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
    if not names:
        return {}
    every = [*dict.fromkeys((*names, *others))]
    asked, latin = len(dict.fromkeys(names)), _latin(every)
    alike = _alike(asked, every, _strokes(latin)) | _alike(asked, every, [*map(fold, latin)])
    texts = {name: _suspicion(name, alike.get(name, "")) for name in every[:asked]}
    return {place: texts[name] for place, name in enumerate(names) if texts[name]}


# ---------------------------------------------------------------------------------------------------------------------

# Thousands of names are joined into one text, because a call per name takes ten times as long. No file contains half a
# surrogate pair.
_BETWEEN = "\ud800"


def _alike(asked: int, names: Sequence[str], looks: Sequence[str]) -> dict[str, str]:
    """For each of the first `asked` names that looks like another, the first such one; spellings of the same name don't
    count. looks: of all names."""
    counts = Counter(looks)
    wanted = {seen for seen in looks[:asked] if counts[seen] > 1}
    shared = sorted((name, seen) for name, seen in zip(names, looks, strict=True) if seen in wanted)
    by_look = defaultdict[str, dict[str, str]](dict)
    for name, seen in shared:
        by_look[seen].setdefault(fold(name), name)
    groups = ((name, by_look[seen]) for name, seen in shared if len(by_look[seen]) > 1)
    return {name: next(other for key, other in group.items() if key != fold(name)) for name, group in groups}


def _suspicion(name: str, other: str) -> str:
    """Of a name in plain letters and its look-alike in others, only the latter is suspicious."""
    is_foreign = not name.isascii() and _FOREIGN.search(fold(name))
    if other and (other.isascii() or not name.isascii()):
        return f"The name looks like that of {other}" + (", in letters of another alphabet" if is_foreign else "")
    if not is_foreign:
        return ""
    mixed = next((word for word in _WORD.findall(name) if _LATIN.search(word) and _OTHER.search(word)), None)
    return f"The name mixes letters of two alphabets in one word: {mixed}" if mixed else ""


def _strokes(names: Sequence[str]) -> list[str]:
    """The names without letter case, with `I`, `l` and `1` the same, and `o` and `0`."""
    text = _BETWEEN.join(names)
    for stroke in "Il1":
        text = text.replace(stroke, "|")
    return text.replace("0", "o").casefold().split(_BETWEEN)


def _latin(names: Sequence[str]) -> list[str]:
    """The names in Latin letters without accents; full-width and mathematical letters are plain ones."""
    odd = [name for name in names if not name.isascii()]
    text = unicodedata.normalize("NFKD", _BETWEEN.join(odd))
    letters = set(text)
    for letter in letters & _LATIN_OF.keys():
        text = text.replace(letter, _LATIN_OF[letter])
    for accent in filter(unicodedata.combining, letters):
        text = text.replace(accent, "")
    in_latin = dict(zip(odd, text.split(_BETWEEN), strict=bool(odd)))
    return [in_latin.get(name, name) for name in names]


_LATIN_OF = ALIKE | {letter.upper(): latin.upper() for letter, latin in ALIKE.items()}
_FOREIGN = re.compile(f"[{''.join(ALIKE)}]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_OTHER = re.compile("[Ͱ-ϿЀ-֏]")  # Greek, Cyrillic, Armenian
