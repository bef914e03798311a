"""The encodings that a text may be in, and how its first doubtful cell reads in each.

Nothing is decided here: a person sees which one is right, and names it with --encoding. `beyond_ascii.py` finds the
cells.
"""

import codecs
from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO

from charset_normalizer.md import mess_ratio

from schemas.errors import ExportRefused
from schemas.faults import file_fault
from sources.delimited import western
from sources.delimited.beyond_ascii import Cell, cells_beyond_ascii
from sources.delimited.encoding import NO_LETTERS, WINDOWS_1252
from sources.refusal import DOWNLOAD_AGAIN, LONGEST_SHOWN, refused

ENCODINGS = {  # those usual in a region first
    "cp1250": "Central Europe",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
    "cp1254": "Turkish",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp1257": "Baltic",
    "mac-roman": "Western Europe, Mac",
    "cp1252": "Western Europe",
    "cp850": "Western Europe, MS-DOS",
    "iso-8859-2": "Central Europe, Unix",
    "iso-8859-15": "Western Europe, Unix",
    "mac-latin2": "Central Europe, Mac",
    "mac-cyrillic": "Cyrillic, Mac",
    "mac-greek": "Greek, Mac",
    "mac-turkish": "Turkish, Mac",
    "cp852": "Central Europe, MS-DOS",
    "cp866": "Cyrillic, MS-DOS",
    "koi8-r": "Cyrillic, Unix",
    "koi8-u": "Ukrainian, Unix",
    "cp1258": "Vietnamese",
    "cp874": "Thai",
    "cp932": "Japanese",
    "euc-jp": "Japanese, Unix",
    "gbk": "Chinese, simplified",
    "gb18030": "Chinese, all",
    "big5": "Chinese, traditional",
    "cp949": "Korean",
}
ESCAPED = {"iso-2022-jp": "Japanese, e-mail", "iso-2022-kr": "Korean, e-mail"}
SHOWN = 6  # encodings
WORSE = 0.6  # readings that score this much worse than the most plausible one are not shown
SAMPLE = 200  # cells
CELL = 1 << 10  # bytes of a cell to examine
LATIN_1 = "latin-1"  # decodes each byte as the character with its number


def refusal(file: BinaryIO, name: str, *, is_iso_2022: bool = False) -> ExportRefused:
    """The refusal of a text that may be in several encodings. Cells are in its faults, not in its message.

    is_iso_2022: its letters consist of ASCII bytes.
    """
    doubtful, readings = _escaped_readings(file, name) if is_iso_2022 else _readings(file, name)
    if doubtful is None or not readings:
        return refused(
            name,
            "its letters are damaged, or in an unknown encoding",
            "The text is UTF-8, or in the given encoding",
            f"{DOWNLOAD_AGAIN}, preferably as CSV UTF-8, or name its encoding with --encoding",
        )
    faults = [
        file_fault(
            f"In {encoding} ({_REGIONS[encoding]}) the cell reads as shown",
            f"Give --encoding {encoding} if that is right",
            row=doubtful.row,
            column=doubtful.column,
            found=reading[:LONGEST_SHOWN],
        )
        for encoding, reading in readings.items()
    ]
    return ExportRefused(
        f"{name}: its letters are not UTF-8, or are damaged. From row {doubtful.row} on it may be in "
        f"{_any_of(list(readings))}. Name the right one with --encoding, or "
        f"{DOWNLOAD_AGAIN.lower()} as CSV UTF-8.",
        faults,
    )


# ----------------------------------------------------------------------------------------------------------------------


def _readings(file: BinaryIO, name: str) -> tuple[Cell | None, dict[str, str]]:
    """The first doubtful cell, and how it reads in each plausible encoding, the most plausible first."""
    doubtful, sample = None, list[bytes]()

    def is_needed(part: bytes) -> bool:
        return not part.isascii() and (len(sample) < SAMPLE or _has_doubtful_word(part.decode().encode(LATIN_1)))

    for cell in cells_beyond_ascii(file, name, LATIN_1, is_needed):
        data = cell.text.encode(LATIN_1)[:CELL]
        if doubtful is None and _is_doubtful(data):
            doubtful = cell
            sample.insert(0, data)
        elif len(sample) < SAMPLE:
            sample.append(data)
        if doubtful and len(sample) >= SAMPLE:
            break
    readings = {encoding: texts for encoding in ENCODINGS if (texts := _decoded(sample, encoding))}
    scores = {encoding: _score(texts) for encoding, texts in readings.items()}
    shown = dict[tuple[str, ...], str]()
    for encoding in sorted(readings, key=scores.__getitem__):
        if scores[encoding] <= min(scores.values()) + WORSE:
            shown.setdefault(readings[encoding], encoding)
    return doubtful, {encoding: texts[0] for texts, encoding in list(shown.items())[:SHOWN]}


def _escaped_readings(file: BinaryIO, name: str) -> tuple[Cell | None, dict[str, str]]:
    """The first cell beyond ASCII, in the first encoding that can decode the text."""
    for encoding in ESCAPED:
        try:
            cell = next(cells_beyond_ascii(file, name, encoding), None)
        except UnicodeDecodeError:
            continue
        if cell:
            return cell, {encoding: cell.text}
    return None, {}


def _is_doubtful(data: bytes) -> bool:
    try:
        return western.is_odd(data.decode(WINDOWS_1252))
    except UnicodeDecodeError:
        return True


def _has_doubtful_word(data: bytes) -> bool:
    try:
        return western.has_odd_word(data.decode(WINDOWS_1252))
    except UnicodeDecodeError:
        return True


def _decoded(sample: Sequence[bytes], encoding: str) -> tuple[str, ...]:
    """The cells in this encoding; () if it can't decode them."""
    new = codecs.getincrementaldecoder(encoding)
    try:
        texts = tuple(new().decode(data) for data in sample)  # incremental, because the last letter may be cut
    except UnicodeDecodeError:
        return ()
    return () if NO_LETTERS.search("".join(texts)) else texts


def _score(texts: Sequence[str]) -> float:
    """How implausible it is that people wrote these texts."""
    beyond_ascii = sum(not char.isascii() for text in texts for char in text)
    odd = sum(before.islower() and char.isupper() for text in texts for before, char in pairwise(text))
    return mess_ratio("\n".join(texts), 10) + odd / max(beyond_ascii, 1)


def _any_of(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


_REGIONS = ENCODINGS | ESCAPED
