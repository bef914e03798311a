"""The encodings that a text may be in, and how its first doubtful cell reads in each.

Nothing is decided here: a person sees which one is right, and names it with --encoding.
"""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from charset_normalizer.md import mess_ratio

from schemas.errors import ExportRefused
from schemas.faults import file_fault
from sources.delimited import rows, western
from sources.delimited.encoding import NO_LETTERS, WINDOWS_1252, blocks_of
from sources.delimited.pieces import pieces
from sources.delimited.table import Table, find_table
from sources.refusal import DOWNLOAD_AGAIN, LONGEST_SHOWN, check_headings, refused

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
SEARCHED = 1 << 28  # bytes to search for the first doubtful cell
LATIN_1 = "latin-1"  # decodes each byte as the character with its number


class Cell(NamedTuple):
    """A cell beyond ASCII: its row, its column (Impartner's name, None for an unknown one), and its text."""

    row: int
    column: str | None
    text: str


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

    for cell in _cells(file, name, LATIN_1, is_needed):
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
            cell = next(_cells(file, name, encoding), None)
        except UnicodeDecodeError:
            continue
        if cell:
            return cell, {encoding: cell.text}
    return None, {}


def _cells(
    file: BinaryIO, name: str, encoding: str, is_needed: Callable[[bytes], bool] = lambda part: not part.isascii()
) -> Iterator[Cell]:
    """The cells beyond ASCII, from the headings down to the first row that can't be parsed. Raises ExportRefused.

    Only parts with `is_needed` are read cell by cell, which takes a hundred times as long as counting their rows.
    """
    parts = pieces(_utf8(file, encoding))
    first = next(parts, b"")
    table = find_table(first, name)
    if table is None:
        return
    if not table.positions:
        check_headings(table.headings, name)
    names = {position: field for field, position in table.positions.items()}
    yield from _beyond_ascii(table.row - 1, table.headings, names)
    row = table.row
    try:
        for part in _from(table, first, parts):
            if not is_needed(part):
                row += _count_rows(part, table.separator)
                continue
            for cells in _rows(part, table.separator):
                yield from _beyond_ascii(row, cells, names)
                row += 1
    except csv.Error:
        return


def _rows(part: bytes, separator: str) -> Iterator[list[str]]:
    return rows.rows_of(rows.lines_of([part]), separator, strict=False)


def _count_rows(part: bytes, separator: str) -> int:
    if b'"' in part or part.count(b"\r") != part.count(b"\r\n"):
        return sum(1 for _ in _rows(part, separator))
    return part.count(b"\n") + (not part.endswith(b"\n"))


def _from(table: Table, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first[table.start :]
    yield from rest


def _beyond_ascii(row: int, cells: Sequence[str], names: dict[int, str]) -> Iterator[Cell]:
    for position, text in enumerate(cells):
        if not text.isascii():
            yield Cell(row, names.get(position), text)


def _utf8(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    for block in blocks_of(file):
        yield decoder.decode(block).encode()
        if file.tell() > SEARCHED:
            return


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
