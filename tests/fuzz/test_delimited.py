"""Mutated delimited text: refused, or read exactly as by the standard library."""

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from schemas.names import BLANKS
from sources.downloads import read
from tests.exporting import as_text, csv_of
from tests.fuzz.mutations import mutated
from tests.people import person

PEOPLE = [
    person("Ana Núñez", Phone="+49 (0)30 1", Mailing_Street='Road "1",\r\nBack'),
    person("Bo", courses="Sales Core Training"),
    person("鈴木", Mailing_City="東京; Japan", Account_ID="2", Account_Name="Łódź | Sp."),
]
TEXT = csv_of(PEOPLE).decode("utf-8-sig")
SEEDS = [
    TEXT.encode("utf-8-sig"),
    TEXT.replace("\r\n", "\n").encode(),
    TEXT.encode("utf-16"),
    b"sep=,\r\nUsers\r\n" + TEXT.encode(),
    TEXT.encode("cp1252", "ignore"),
]


@pytest.mark.parametrize("seed", SEEDS, ids=["bom", "plain", "utf-16", "titled", "cp1252"])
@given(data=st.data())
def test_cells_equal_the_csv_module_s(tmp_path: Path, seed: bytes, data: st.DataObject) -> None:
    """Row by row and cell by cell; it ends with a refusal or a frame."""
    content = data.draw(mutated(seed))
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    try:
        export = read(path)
    except ExportRefused:
        return
    encoding = {"utf-8": "utf-8-sig"}.get(str(export.encoding), str(export.encoding))
    rows = independent(content.decode(encoding).rstrip("\x1a"))
    names = {heading(name): name for name in export.frame.columns[1:]}
    assert len(names) == len(export.frame.columns) - 1
    for field in FIELDS:
        if field.casefold() not in names:
            continue
        read_cells = as_text(export.frame)[names[field.casefold()]].to_list()
        assert list(map(same, read_cells)) == [same(row.get(field.casefold())) for row in rows], field
    assert export.frame.height == len(rows)


def independent(text: str) -> list[dict[str, str]]:
    """The rows below the headings that are not blank, by csv alone: casefolded heading to cell."""
    text = text.removeprefix("\ufeff")
    for separator in ",;\t|":
        rows = [*csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
        for place, row in enumerate(rows):
            headings = [heading(cell) for cell in row]
            if {field.casefold() for field in FIELDS} <= {*headings}:
                below = (
                    dict(zip(headings, cells, strict=False)) for cells in rows[place + 1 :] if any(map(same, cells))
                )
                return [*below]
    raise AssertionError("the headings are nowhere")


def heading(cell: str) -> str:
    """A heading for comparison: casefolded, single blanks, nothing invisible."""
    seen = "".join(sign for sign in cell if unicodedata.category(sign) != "Cf")
    return " ".join(seen.replace("User: ", "").split()).casefold()


def same(cell: str | None) -> str:
    """A cell for comparison: flags casefolded, blanks empty."""
    bare = (cell or "").strip(BLANKS)
    return bare.casefold() if bare.casefold() in ("true", "false") else (cell or "") if bare else ""
