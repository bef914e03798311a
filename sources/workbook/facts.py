"""What fastexcel leaves out of a sheet: formulas, merged cells, and cells that it gets wrong."""

import re
from typing import Literal, NamedTuple, Protocol

Result = Literal["none", "zero", "number", "boolean", "error", "text"]


class Cell(NamedTuple):
    """What a cell shows, if fastexcel returns something else. `row` counts from 1, `column` from 0."""

    row: int
    column: int
    shown: str


class Formula(NamedTuple):
    """A formula's text ("" if unknown), and the kind of its stored result.

    `row` counts from 1, `column` from 0. `constant` is the value of `=TRUE()` and `=FALSE()`, which need no
    calculation.
    """

    row: int
    column: int
    text: str
    result: Result
    constant: bool | None = None

    def is_doubtful(self, *, is_calculated: bool) -> bool:
        """Whether the stored result may differ from what a person would see.

        Programs that don't calculate store nothing or 0. is_calculated: whether the workbook claims that it is.
        """
        if self.constant is not None:
            return self.result != "boolean"
        return not is_calculated or self.result in {"none", "zero"}


class Area(NamedTuple):
    """Merged cells: rows from 1, columns from 0, the last ones inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """Its name in a spreadsheet: A2:A4."""
        return f"{cell_name(self.top, self.left)}:{cell_name(self.bottom, self.right)}"


class Facts(NamedTuple):
    """The facts of one sheet."""

    formulas: list[Formula]  # the doubtful ones only
    merged: list[Area]
    cells: list[Cell]


class Format(Protocol):
    """A workbook of one format, examined without fastexcel."""

    is_plain: bool  # whether fastexcel reads every cell correctly, or reports that it does not

    def plain(self) -> bytes:
        """A copy that fastexcel reads correctly. Raises Refused if there is none."""

    def facts(self, sheet: str) -> Facts:
        """The facts of a sheet. Raises Refused if they can't be read."""


def cell_name(row: int, column: int) -> str:
    """The name of a cell in a spreadsheet: M4."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def cell_place(name: str) -> tuple[int, int]:
    """The row and column of a cell by its name, ignoring dollar signs and letter case.

    Raises ValueError if it is not the name of a cell.
    """
    plain = name.replace("$", "").upper()
    letters = plain.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        raise ValueError(name)
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(plain[len(letters) :]), column - 1


def area(name: str) -> Area:
    """The area with this name. Raises ValueError if it is not the name of cells."""
    first, _, last = name.partition(":")
    (top, left), (bottom, right) = cell_place(first), cell_place(last or first)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def constant_of(text: str) -> bool | None:
    """The value of =TRUE() and =FALSE(), in any spelling; None for every other formula."""
    word = _CONSTANT.fullmatch(text)
    return word[1].casefold() == "true" if word else None


# ----------------------------------------------------------------------------------------------------------------------

_CONSTANT = re.compile(r"(?:\w+:)?=\s*(true|false)\s*(?:\(\s*\))?\s*", re.IGNORECASE)
