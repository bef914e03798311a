"""Reading a downloaded user export, whatever its file name: a workbook, or any kind of CSV.

Cells keep their text and nothing is guessed; flags may become Boolean. `delimited/` reads text, `workbook/` workbooks;
`kinds.py` recognises files that are neither. Cells are not checked here.
"""

import hashlib
import stat
from pathlib import Path
from typing import BinaryIO

from sources import workbook
from sources.export import Export
from sources.kinds import HEAD, refuse_other_kinds
from sources.refusal import refused


def read(path: Path, encoding: str | None = None) -> Export:
    """The export in a file, in the shape of `Export`.

    encoding: of a text without BOM that is not UTF-8, if a person gave one. A missing account column is not a fault
    here. Raises ExportRefused if the file can't be read, is empty or damaged, lacks or repeats a needed column, or has
    no rows.
    """
    try:
        with _opened(path) as file:
            return _read(file, path.name, encoding)
    except FileNotFoundError:
        what, remedy = "there is no such file", "Check the path, or download the export again"
    except OSError as error:
        what, remedy = f"it can't be read ({error.strerror})", "Check its permissions, and that its disk is connected"
    raise refused(path.name, what, "The export is a file that can be read", remedy)


def sha256_of(path: Path, size: int) -> str | None:
    """The hash of a file's bytes; None if there is no file of this size, or it can't be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return None
        with path.open("rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None


# ----------------------------------------------------------------------------------------------------------------------


def _opened(path: Path) -> BinaryIO:
    if "\0" in str(path):
        raise refused("the export", "its path has a NUL", "The export is a file that can be read", "Check the path")
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
        what = "it is a folder" if path.is_dir() else "it is not a regular file"
        raise refused(path.name or str(path), what, "The export is a file", "Name the downloaded file itself")
    return path.open("rb", buffering=0)  # unbuffered, so that another process reads on from the right position


def _read(file: BinaryIO, name: str, encoding: str | None) -> Export:
    head = file.read(HEAD)
    file.seek(0)
    if not head:
        raise refused(name, "it is empty", "The export is not empty")
    if workbook.looks_like_workbook(head):
        return workbook.read(file, name)
    refuse_other_kinds(head, name)
    from sources.delimited.read import read  # late: polars, imported for a workbook while its process reads

    return read(file, name, encoding)
