"""Cells that can't be true: what spreadsheet programs and wrong encodings leave, and what is no address or phone.

Which rule a cell breaks is found by expressions over whole columns; what each rule says is in
`schemas/faults.py`, and that no such cell is left is checked by `schemas/stages.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from schemas.cells import is_blank, is_flag, spellings
from schemas.columns import COLUMNS, EMAIL, FLAGS_OR_TEXTS, PHONE, TEXTS, Cell
from schemas.faults import (
    ADDRESS_THERE,
    ALL_LETTERS,
    FLAG_AS_GIVEN,
    FLAG_OR_BLANK,
    NO_ERROR,
    NO_SIGNS,
    ONE_ADDRESS,
    PHONE_IN_FULL,
    Rule,
)
from schemas.letters import LOST
from schemas.names import INVISIBLE


class Test(NamedTuple):
    """A rule, and the cells that break it."""

    rule: Rule
    breaks: Callable[[str], pl.Expr]


def broken_rule(column: str, tests: Sequence[Test]) -> pl.Expr:
    """The place of the first of the tests that a cell does not pass; null if it passes all."""
    return pl.coalesce(pl.when(test.breaks(column)).then(pl.lit(place, pl.UInt8)) for place, test in enumerate(tests))


def suspects(frame: pl.DataFrame) -> list[str]:
    """The text columns of a SELECTED frame that have a spoiled cell, but for addresses and lost letters.

    Hardly any cell begins as an error value does, so hardly any is examined in full; where flags may be, each
    spelling is examined once.
    """
    columns = [column for column in TEXTS if column != EMAIL]
    cells = {column: frame.lazy().select(column).filter(_may_be_spoiled(column)) for column in columns}
    cells |= {column: spellings(frame[column]).alias(column).to_frame().lazy() for column in FLAGS_OR_TEXTS}
    broken = [part.select(broken_rule(column, TESTS[column]).is_not_null().any()) for column, part in cells.items()]
    return [column for column, any_is in zip(cells, pl.collect_all(broken), strict=True) if any_is.item()]


def is_error(column: str) -> pl.Expr:
    """Whether a cell is an error value of a spreadsheet program, in whatever language: `#N/A`, `#WERT!`, `Err:502`."""
    return pl.col(column).str.strip_chars().str.contains(_ERROR)


def is_signs(column: str) -> pl.Expr:
    """Whether a cell has # signs only: a number that had no room in its column."""
    return pl.col(column).str.strip_chars().str.contains("^#+$")


def lacks_letters(column: str) -> pl.Expr:
    """Whether a cell has lost a letter."""
    return pl.col(column).str.contains(LOST, literal=True)


def is_rounded(column: str) -> pl.Expr:
    """Whether a cell is a number in E-notation, with a dot or a comma: `4.92E+11`."""
    return pl.col(column).str.contains(r"^\s*[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+\s*$")


def is_address(column: str) -> pl.Expr:
    """Whether a cell is one address: trimmed, one @ with something on both sides, and no sign that parts or hides."""
    return pl.col(column).str.contains(_ADDRESS)


def is_translated(column: str) -> pl.Expr:
    """Whether a cell is True or False in the language of a spreadsheet program."""
    return pl.col(column).str.strip_chars().str.to_uppercase().is_in(_TRANSLATED)


# ---------------------------------------------------------------------------------------------------------------------

_PLAIN = rf"[^@\s,;<>:\p{{Cc}}{INVISIBLE}]+"
_ADDRESS = rf"^\s*{_PLAIN}@{_PLAIN}\s*$"

# `#`, capital letters, `!` or `?`; and those that end otherwise, in the languages that have them
_ERROR = (
    r"^(?:#[¡¿]?[\p{Lu}\p{Lo}\p{M}0-9_/.]*[\p{Lu}\p{Lo}][\p{Lu}\p{Lo}\p{M}0-9_/.]*[!?]"
    r"|(?i:#(?:N/A|NA|N/D|N/B|I/T|NV|Н/Д|YOK|HIÁNYZIK|NENÍ_K_DISPOZICI|NEDOSTUPNÝ|SAKNAS|PUUTTUU|GETTING_DATA"
    r"|DATEN_ABRUFEN|DIV/0|(?:DIV/0|NAME|REF|VALUE|NUM|NULL|SPILL|CALC|FIELD|ERROR|BLOCKED|UNKNOWN|CONNECT|BUSY)[!?]))"
    r"|Err\s?:\s?[0-9]{3})$"
)

# True and False as Excel and LibreOffice write them
_TRANSLATED = (
    *(
        "WAHR",
        "FALSCH",
        "VRAI",
        "FAUX",
        "VERDADERO",
        "FALSO",
        "VERO",
        "VERDADEIRO",
        "WAAR",
        "ONWAAR",
        "PRAWDA",
        "FAŁSZ",
    ),
    *("PRAVDA", "NEPRAVDA", "IGAZ", "HAMIS", "TOSI", "EPÄTOSI", "SANT", "FALSKT", "SANN", "USANN", "SAND", "FALSK"),
    *(
        "DOĞRU",
        "YANLIŞ",
        "ADEVĂRAT",
        "FALS",
        "CERT",
        "EGIA",
        "FALTSUA",
        "ISTINA",
        "LAŽ",
        "NEISTINA",
        "TAČNO",
        "NETAČNO",
    ),
    *("TOČNO", "NETOČNO", "TIESA", "NETIESA", "TEISINGA", "KLAIDINGA", "PATIESS", "APLAMS", "TÕENE", "VÄÄR", "SATT"),
    *("ÓSATT", "BENAR", "SALAH", "ĐÚNG", "SAI", "ΑΛΗΘΕΣ", "ΑΛΗΘΈΣ", "ΑΛΗΘΗΣ", "ΑΛΗΘΉΣ", "ΨΕΥΔΕΣ", "ΨΕΥΔΈΣ", "ΨΕΥΔΗΣ"),
    *("ΨΕΥΔΉΣ", "ИСТИНА", "ЛОЖЬ", "ЛЪЖА", "ІСТИНА", "ХИБНІСТЬ", "ПРАВДА", "НЕПРАВДА", "ПРАЎДА", "ІСЦІНА", "ХЛУСНЯ"),
    *("ТАЧНО", "НЕТАЧНО", "ТОЧНО", "НЕТОЧНО", "АҚИҚАТ", "ЖАЛҒАН", "真", "偽", "假", "참", "거짓", "אמת", "שקר", "صواب"),
    *("خطأ", "صحيح", "درست", "نادرست", "จริง", "เท็จ", "सत्य", "असत्य"),
)


def _may_be_spoiled(column: str) -> pl.Expr:
    """Whether a cell begins as error values do: with #, with blanks (of ASCII) before it, or with `Err`."""
    cell = pl.col(column)
    begins = (cell < "$") | cell.is_between(pl.lit("Err"), pl.lit("Ers"), closed="left")
    return begins | is_rounded(column) if column == PHONE else begins


def _is_no_flag(column: str) -> pl.Expr:
    return ~(is_flag(column) | is_blank(column))


def _is_no_address(column: str) -> pl.Expr:
    return ~is_address(column)


_OF_ALL = (Test(NO_ERROR, is_error), Test(NO_SIGNS, is_signs), Test(ALL_LETTERS, lacks_letters))
_OF_CELLS: Mapping[Cell, tuple[Test, ...]] = {
    "text": (),
    "flag": (Test(FLAG_AS_GIVEN, is_translated), Test(FLAG_OR_BLANK, _is_no_flag)),
    "flag or text": (Test(FLAG_AS_GIVEN, is_translated),),
}
_OF_FIELDS: Mapping[str, tuple[Test, ...]] = {
    EMAIL: (Test(ADDRESS_THERE, is_blank), Test(ONE_ADDRESS, _is_no_address)),
    PHONE: (Test(PHONE_IN_FULL, is_rounded),),
}
TESTS = {column.field: (*_OF_ALL, *_OF_CELLS[column.cell], *_OF_FIELDS.get(column.field, ())) for column in COLUMNS}
