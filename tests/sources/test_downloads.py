"""Reading a download in any format: the same cells every time, or a refusal."""

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
def test_every_format_gives_the_same_cells(name: str) -> None:
    """Encodings, separators, line ends and workbooks differ; the frame does not."""
    assert as_text(read(EXPORTS / name).frame).equals(as_text(read(EXPORTS / "utf-8.csv").frame))


def test_paths_that_are_not_readable_files_are_refused(tmp_path: Path) -> None:
    """A folder, a missing file, a pipe, a loop."""
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


def test_a_text_that_begins_with_pk_is_no_workbook(file) -> None:
    """Only the whole ZIP signature makes one."""
    assert read(file(text(["1", *PERSON], headings=("PK", *FIELDS)))).frame.height == 1


def test_a_huge_sparse_file_is_refused_at_once(tmp_path: Path) -> None:
    """Its size is checked before it is loaded."""
    path = tmp_path / "users.csv"
    for size, message in ((1 << 30, "NUL"), (5 << 30, "larger than 1 GiB")):
        with path.open("wb") as sparse:
            sparse.truncate(size)
        assert message in str(refusal(path))
