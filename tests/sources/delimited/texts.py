"""Text exports made by hand: rows of cells as they are in the file, and what refuses it."""

from pathlib import Path

import pytest

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.downloads import read

PERSON = ["Ann Lee", "ann@x.example", "Road 1", "Bonn", "", "Germany", "+49 1", *["True"] * 8]


def text(*rows: list[str], separator: str = ",", end: str = "\n", headings: tuple[str, ...] = FIELDS) -> str:
    """A file of unquoted cells."""
    return "".join(separator.join(row) + end for row in (list(headings), *rows))


def changed(**cells: str) -> list[str]:
    """The person with other cells; names have _ for blanks."""
    return [cells.get(field.replace(" ", "_"), cell) for field, cell in zip(FIELDS, PERSON, strict=True)]


def written(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "users.csv") -> Path:
    """The content as a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refusal(path: Path, encoding: str | None = None) -> ExportRefused:
    """The refusal of a file; each one names the file and has a remedy, and its message names nobody."""
    with pytest.raises(ExportRefused) as caught:
        read(path, encoding)
    assert path.name in str(caught.value)
    assert caught.value.faults
    assert all(fault.rule and fault.remedy for fault in caught.value.faults)
    return caught.value
