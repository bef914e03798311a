"""Linking the reports of an earlier run, if they are still what was written. `write.py` writes new ones."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from exports.home.files import read_file
from schemas.manifest import ReportRow


def are_intact(reports: Iterable[ReportRow], folder: Path) -> bool:
    """Whether all reports (rows of a manifest) are in the folder with their original bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return all(_hash(descriptor, row["file"], row["bytes"]) == row["sha256"] for row in reports)
    finally:
        os.close(descriptor)


def link_reports(reports: Iterable[ReportRow], source: Path, folder: Path) -> None:
    """Link reports (rows of a manifest) from one run's folder into another's."""
    source_fd, folder_fd = (os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for path in (source, folder))
    try:
        for row in reports:
            os.link(row["file"], row["file"], src_dir_fd=source_fd, dst_dir_fd=folder_fd)
    finally:
        os.close(source_fd)
        os.close(folder_fd)


# ----------------------------------------------------------------------------------------------------------------------


def _hash(folder: int, name: str, size: int) -> str | None:
    data = read_file(name, size, folder)
    return None if data is None else hashlib.sha256(data).hexdigest()
