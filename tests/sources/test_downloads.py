"""Reading a download, whatever it is: every spelling gives the same cells, and what is no export is refused."""

import os
from pathlib import Path

import pytest

from schemas.columns import FIELDS
from schemas.errors import ExportRefused
from sources.downloads import read
from tests.exporting import as_text
from tests.sources.delimited.texts import PERSON, refusal, text

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"


@pytest.mark.parametrize(
    "name",
    [
        "utf-8-bom.csv",
        "utf-16-le.csv",
        "utf-16-be.csv",
        "windows-1252.csv",
        "semicolons.csv",
        "tabs.csv",
        "workbook.ods",
    ],
)
def test_every_spelling_gives_the_same_cells(name: str) -> None:
    """Encodings, separators, line ends and workbooks differ; the frame does not."""
    assert as_text(read(EXPORTS / name).frame).equals(as_text(read(EXPORTS / "utf-8.csv").frame))


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, a missing file, a pipe and a file that may not be read are told in words."""
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert "folder" in str(refusal(tmp_path / "folder.csv"))
    assert "no such file" in str(refusal(tmp_path / "missing.csv"))
    assert "no such file" in str(refusal(tmp_path / "folder.csv" / "missing.csv"))
    assert "is not a regular file" in str(refusal(tmp_path / "pipe.csv"))
    assert "can't be read" in str(refusal(tmp_path / "loop.csv"))
    with pytest.raises(ExportRefused, match="path"):
        read(Path("users\0.csv"))


def test_a_text_that_begins_like_the_name_of_zip(file) -> None:
    """Only the whole signature makes a workbook."""
    assert read(file(text(["1", *PERSON], headings=("PK", *FIELDS)))).frame.height == 1


def test_a_large_sparse_file_is_refused_at_once(tmp_path: Path) -> None:
    """What a file claims to hold is never loaded whole before it is looked at."""
    path = tmp_path / "users.csv"
    for size, told in ((1 << 30, "NUL"), (5 << 30, "larger than 1 GiB")):
        with path.open("wb") as sparse:
            sparse.truncate(size)
        assert told in str(refusal(path))
