"""Cells that can't be right: damage by spreadsheet programs and wrong encodings, and texts that are no address or flag.

Expressions over whole columns find the rule that a cell breaks. The rules' texts are in `schemas/faults.py`;
`schemas/stages.py` uses both to find faults.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from schemas.cells import is_blank, is_flag, unusual_flags
from schemas.columns import COLUMNS, EMAIL, FLAGS, FLAGS_OR_TEXTS, PHONE, TEXTS, Cell
from schemas.faults import (
    ADDRESS_THERE,
    ALL_LETTERS,
    FLAG_AS_GIVEN,
    FLAG_OR_BLANK,
    NO_ERROR,
    NO_HASHES,
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
    """The index of the first test that a cell fails; null if it passes all."""
    return pl.coalesce(pl.when(test.breaks(column)).then(pl.lit(place, pl.UInt8)) for place, test in enumerate(tests))


def spoiled_columns(frame: pl.DataFrame) -> list[str]:
    """The columns of a SELECTED frame with a cell that breaks a rule, except Email and lost letters.

    Few texts begin like an error value, so few are examined in full; in a column with flags, each spelling is examined
    once.
    """
    texts = [column for column in TEXTS if column != EMAIL]
    are_suspicious = frame.select(_may_be_spoiled(column).any() for column in texts)
    suspicious = [column for column in texts if are_suspicious[column].item()]
    cells = {column: frame.lazy().select(column).filter(_may_be_spoiled(column)) for column in suspicious}
    flags = [column for column in (*FLAGS_OR_TEXTS, *FLAGS) if frame.schema[column] == pl.String]  # bits are flags
    unusual = unusual_flags(frame, flags).items()
    cells |= {column: texts.alias(column).to_frame().lazy() for column, texts in unusual if not texts.is_empty()}
    broken = [part.select(broken_rule(column, TESTS[column]).is_not_null().any()) for column, part in cells.items()]
    return [column for column, any_is in zip(cells, pl.collect_all(broken), strict=True) if any_is.item()]


def is_error(column: str) -> pl.Expr:
    """Whether a cell is an error value of a spreadsheet program, in any language: `#N/A`, `#WERT!`, `Err:502`."""
    return pl.col(column).str.strip_chars().str.contains(_ERROR)


def is_only_hashes(column: str) -> pl.Expr:
    """Whether a cell has only # signs: a number too wide for its column."""
    return pl.col(column).str.strip_chars().str.contains("^#+$")


def lacks_letters(column: str) -> pl.Expr:
    """Whether a cell has a U+FFFD, in place of a lost letter."""
    return pl.col(column).str.contains(LOST, literal=True)


def is_rounded(column: str) -> pl.Expr:
    """Whether a cell is a number in E-notation, with a dot or a comma: `4.92E+11`."""
    return pl.col(column).str.contains(r"^\s*[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+\s*$")


def is_address(column: str) -> pl.Expr:
    """Whether a cell, trimmed, is one address: one @ with text on both sides, no separators or invisible characters."""
    return pl.col(column).str.contains(_ADDRESS)


def is_translated(column: str) -> pl.Expr:
    """Whether a cell is True or False in another language, as a spreadsheet program writes it."""
    return pl.col(column).str.strip_chars().str.to_uppercase().is_in(_TRANSLATED)


# ---------------------------------------------------------------------------------------------------------------------

_PLAIN = rf"[^@\s,;<>:\p{{Cc}}{INVISIBLE}]+"
_ADDRESS = rf"^\s*{_PLAIN}@{_PLAIN}\s*$"

# `#`, capital letters, `!` or `?`; then those that end differently, in the languages that have them
_ERROR = (
    r"^(?:#[¡¿]?[\p{Lu}\p{Lo}\p{M}0-9_/.]*[\p{Lu}\p{Lo}][\p{Lu}\p{Lo}\p{M}0-9_/.]*[!?]"
    r"|(?i:#(?:N/A|NA|N/D|N/B|I/T|NV|Н/Д|YOK|HIÁNYZIK|NENÍ_K_DISPOZICI|NEDOSTUPNÝ|SAKNAS|PUUTTUU|GETTING_DATA"
    r"|DATEN_ABRUFEN|DIV/0|(?:DIV/0|NAME|REF|VALUE|NUM|NULL|SPILL|CALC|FIELD|ERROR|BLOCKED|UNKNOWN|CONNECT|BUSY)[!?]))"
    r"|Err\s?:\s?[0-9]{3})$"
)

# True and False as Excel and LibreOffice write them
_TRANSLATED = (
    "WAHR", "FALSCH", "VRAI", "FAUX", "VERDADERO", "FALSO", "VERO", "VERDADEIRO", "WAAR", "ONWAAR", "PRAWDA",
    "FAŁSZ", "PRAVDA", "NEPRAVDA", "IGAZ", "HAMIS", "TOSI", "EPÄTOSI", "SANT", "FALSKT", "SANN", "USANN", "SAND",
    "FALSK", "DOĞRU", "YANLIŞ", "ADEVĂRAT", "FALS", "CERT", "EGIA", "FALTSUA", "ISTINA", "LAŽ", "NEISTINA", "TAČNO",
    "NETAČNO", "TOČNO", "NETOČNO", "TIESA", "NETIESA", "TEISINGA", "KLAIDINGA", "PATIESS", "APLAMS", "TÕENE",
    "VÄÄR", "SATT", "ÓSATT", "BENAR", "SALAH", "ĐÚNG", "SAI", "ΑΛΗΘΕΣ", "ΑΛΗΘΈΣ", "ΑΛΗΘΗΣ", "ΑΛΗΘΉΣ", "ΨΕΥΔΕΣ",
    "ΨΕΥΔΈΣ", "ΨΕΥΔΗΣ", "ΨΕΥΔΉΣ", "ИСТИНА", "ЛОЖЬ", "ЛЪЖА", "ІСТИНА", "ХИБНІСТЬ", "ПРАВДА", "НЕПРАВДА", "ПРАЎДА",
    "ІСЦІНА", "ХЛУСНЯ", "ТАЧНО", "НЕТАЧНО", "ТОЧНО", "НЕТОЧНО", "АҚИҚАТ", "ЖАЛҒАН", "真", "偽", "假", "참", "거짓",
    "אמת", "שקר", "صواب", "خطأ", "صحيح", "درست", "نادرست", "จริง", "เท็จ", "सत्य", "असत्य",
)  # fmt: skip


def _may_be_spoiled(column: str) -> pl.Expr:
    """Whether a cell begins as error values do: with #, possibly after ASCII blanks, or with `Err`."""
    cell = pl.col(column)
    begins = (cell < "$") | cell.is_between(pl.lit("Err"), pl.lit("Ers"), closed="left")
    return begins | is_rounded(column) if column == PHONE else begins


def _is_not_flag(column: str) -> pl.Expr:
    return ~(is_flag(column) | is_blank(column))


def _is_not_address(column: str) -> pl.Expr:
    return ~is_address(column)


_OF_ALL = (Test(NO_ERROR, is_error), Test(NO_HASHES, is_only_hashes), Test(ALL_LETTERS, lacks_letters))
_OF_CELLS: Mapping[Cell, tuple[Test, ...]] = {
    "text": (),
    "flag": (Test(FLAG_AS_GIVEN, is_translated), Test(FLAG_OR_BLANK, _is_not_flag)),
    "flag or text": (Test(FLAG_AS_GIVEN, is_translated),),
}
_OF_FIELDS: Mapping[str, tuple[Test, ...]] = {
    EMAIL: (Test(ADDRESS_THERE, is_blank), Test(ONE_ADDRESS, _is_not_address)),
    PHONE: (Test(PHONE_IN_FULL, is_rounded),),
}
TESTS = {column.field: (*_OF_ALL, *_OF_CELLS[column.cell], *_OF_FIELDS.get(column.field, ())) for column in COLUMNS}
