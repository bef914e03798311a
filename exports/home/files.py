"""Writing files and folders of the home: private, complete or not at all, and durable across a power cut.

`layout.py` knows where they are and what they are for.
"""

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import WrongUsage

UNFINISHED = ".*.tmp"  # the unfinished files that a killed command may leave


def make_folder(path: Path) -> None:
    """Make a folder of 0700, and missing parents likewise."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Write a file of 0600 that appears complete or not at all, and survives a power cut."""
    _write(path.with_name(f".{path.name}.tmp"), path, data)


def folder_for_person(path: Path) -> None:
    """Make a folder that a person named with --out. Raises WrongUsage if that is impossible."""
    try:
        make_folder(path)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise WrongUsage(f"{path} can't be a folder for drafts: {error.strerror}. Name another with --out") from None


def write_for_person(path: Path, data: bytes) -> None:
    """Like `write_file`, for a file that a person named with --out. Raises WrongUsage if that is impossible."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")  # two commands don't share it
    try:
        if target.exists() and not target.is_file():
            raise WrongUsage(f"{path} is not a file. Name another one with --out")
        _write(temporary, target, data)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise WrongUsage(f"{path} can't be written: {error.strerror}. Name another file with --out") from None


def remove_unfinished(folder: Path) -> None:
    """Remove unfinished files of killed commands. Requires `Home.writing`."""
    for left in folder.glob(UNFINISHED):
        left.unlink(missing_ok=True)


def names_in(folder: Path) -> list[str]:
    """The names in a folder, without hidden ones; none if it does not exist. Raises OSError if it can't be read.

    `Path.glob` would return nothing for an unreadable folder, and hide that all runs are inaccessible.
    """
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Make everything written so far survive a power cut: one call for the file system instead of one per file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:  # not Linux
            os.sync()
        elif syncfs(descriptor):
            raise OSError(ctypes.get_errno(), "The home folder could not be synced to disk", str(folder))
    finally:
        os.close(descriptor)


def read_json(path: Path) -> Any:
    """The contents of a JSON file."""
    return orjson.loads(path.read_bytes())


def to_json(value: object) -> bytes:
    """JSON as this project writes it: UTF-8, with a final newline. orjson is ten times faster than json."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def read_file(path: str, size: int, folder: int | None = None) -> bytes | None:
    """A file, read like `read_whole`; None if it does not exist. folder: descriptor that `path` is relative to."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        return read_whole(descriptor, size)
    finally:
        os.close(descriptor)


def read_whole(descriptor: int, size: int) -> bytes:
    """The first `size` bytes of a file, and one more if it is longer."""
    data = os.pread(descriptor, size + 1, 0)
    while 0 < len(data) < size and (more := os.pread(descriptor, size + 1 - len(data), len(data))):
        data += more  # gigabytes need several calls
    return data


# ---------------------------------------------------------------------------------------------------------------------


def _write(temporary: Path, path: Path, data: bytes) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    temporary.rename(path)
    sync_folder(path.parent)
