"""Hand-made text exports, and an assertion that a file is refused."""

from pathlib import Path

import pytest

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.downloads import read

PERSON = ["Ann Lee", "ann@x.example", "Road 1", "Bonn", "", "Germany", "+49 1", *["True"] * 8]


def text(*rows: list[str], separator: str = ",", end: str = "\n", headings: tuple[str, ...] = FIELDS) -> str:
    """A CSV with unquoted cells."""
    return "".join(separator.join(row) + end for row in (list(headings), *rows))


def changed(**cells: str) -> list[str]:
    """PERSON with some cells changed; underscores in names stand for spaces."""
    return [cells.get(field.replace(" ", "_"), cell) for field, cell in zip(FIELDS, PERSON, strict=True)]


def written(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "users.csv") -> Path:
    """Write the content to a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refusal(path: Path, encoding: str | None = None) -> ExportRefused:
    """Assert that a file is refused, with a remedy and no personal data in the message; return the refusal."""
    with pytest.raises(ExportRefused) as caught:
        read(path, encoding)
    assert path.name in str(caught.value)
    assert caught.value.faults
    assert all(fault.rule and fault.remedy for fault in caught.value.faults)
    return caught.value
