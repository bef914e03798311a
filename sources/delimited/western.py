"""Whether text reads like a Western European language. Only then is a file taken to be Windows-1252.

Nearly every byte is a character in Windows-1252, so only the text can show that the encoding is another: Polish letters
become symbols inside words, Cyrillic words become nothing but accented letters, and so on. `decide.py` applies this to
files.
"""

import re

import polars as pl


def is_odd(text: str) -> bool:
    """Whether the text has a word that no Western European language has."""
    return bool(_ODD.search(text))


def has_odd_word(text: str) -> bool:
    """The same, much faster for a text of some MiB."""
    words = pl.Series([text], dtype=pl.String).str.extract_all(_WORD_BEYOND_ASCII).explode(empty_as_null=False)
    return any(map(is_odd, words.unique()))


# ----------------------------------------------------------------------------------------------------------------------

_WORD_BEYOND_ASCII = r'[^\x00-\x20,;|"]*[^\x00-\x7f][^\x00-\x20,;|"]*'

_CAPITALS, _SMALL = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒŸ", "ßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿœ"
_ACCENTED = _CAPITALS + _SMALL
_LETTER = f"A-Za-z{_ACCENTED}"
_SMALL_LETTER = f"a-z{_SMALL}"
_VOWEL = "aeiouyáéíóúàâäëêîôöûüAEIOUYÁÉÍÓÚ"
_PUNCTUATION = "‚„…‘’“”•–—‹›«»¡¿·´§°©®™€£ªº¼½¾\xa0\xad"

_ODD = re.compile(
    "|".join(
        (
            rf"[^\x00-\x7f{_ACCENTED}{_PUNCTUATION}]",
            # Words of another script: Cyrillic, Greek, Hebrew, Arabic, Thai, Chinese
            rf"[{_ACCENTED}]{{3}}|(?<![{_LETTER}])[{_ACCENTED}]{{2}}(?![{_LETTER}])",
            # A capital inside a small word, and a small letter inside a word of capitals
            rf"[{_SMALL_LETTER}][{_CAPITALS}]|[A-Z][{_SMALL.replace('ß', '')}][A-Z]",
            # Letters of Portuguese, Spanish, French, Italian and Danish in places where only Central European ones go
            rf"[Ãã](?=[{_LETTER}])(?![oesOES])|[Õõ](?![eE])|[Ññ](?![{_VOWEL}])",
            rf"(?<![aeouAEOU])[ÏïŸÿ]|[ÌìÙù](?=[{_LETTER}])|[Èè](?=[{_VOWEL}])|[Œœ](?![uiUI])",
            rf"(?<=[{_VOWEL}])(?:[Ææ]|ø(?=[aeiou]))|Æ(?=[aeou])|[Øø](?=[áéíóúý])|(?<=[aeou])ò|(?<![{_LETTER}])ß",
            # Symbols inside words, and on the wrong side of them
            rf"(?<=[{_LETTER}])[“”«»‹›©®™…•](?=[{_LETTER}])|(?<=[{_LETTER}])[¡¿„‚‘€£§]|[€£§®™…](?=[{_LETTER}])",
            rf"(?<=[{_LETTER}])[–—](?=[{_SMALL_LETTER}])|(?<!\d)[¼½¾]|·(?=[{_ACCENTED}])",
            rf"(?<=[{_LETTER}][{_LETTER}])[ªº°]|(?<![\d.{_LETTER}])[ªº](?=[{_LETTER}])|(?<!\d)[ªº°](?=[{_SMALL_LETTER}])",
            # An apostrophe that is neither an elision (d’or, dell’arte) nor an English ending (King’s)
            rf"(?<=[b-df-hj-np-tv-xz])’(?<!\b[cjms]’)(?<![dlnt]’)(?=[{_SMALL_LETTER}])(?!(?:s|ll|re|ve)(?![{_LETTER}]))",
            r"(?<=[dlnt])’(?=[bcdfgjkmnpqrvwxz])",
        )
    )
)
