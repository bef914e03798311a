"""Files and folders of the home: private, whole or not there at all, and still there after a power cut.

What a file or folder is for, and where it is, is in `layout.py`.
"""

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import WrongUsage

UNFINISHED = ".*.tmp"  # what a killed command may leave of a file that it was writing


def make_folder(path: Path) -> None:
    """A folder that only its owner may enter; parents that are missing are made the same."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """A file of 0600 that appears whole or not at all, and stays after a power cut."""
    _write(path.with_name(f".{path.name}.tmp"), path, data)


def folder_for_person(path: Path) -> None:
    """A folder that somebody asked for with --out. Raises WrongUsage if it can't be there."""
    try:
        make_folder(path)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise WrongUsage(f"{path} can't be a folder for drafts: {error.strerror}. Name another with --out") from None


def write_for_person(path: Path, data: bytes) -> None:
    """As `write_file`, where somebody asked for it with --out. Raises WrongUsage if it can't be there."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")  # of two at once, each has its own
    try:
        if target.exists() and not target.is_file():
            raise WrongUsage(f"{path} is no file. Name another one with --out")
        _write(temporary, target, data)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise WrongUsage(f"{path} can't be written: {error.strerror}. Name another file with --out") from None


def remove_unfinished(folder: Path) -> None:
    """Remove what killed commands left of files. Call it as the writer of the home."""
    for left in folder.glob(UNFINISHED):
        left.unlink(missing_ok=True)


def names_in(folder: Path) -> list[str]:
    """The names of what is in a folder, but for hidden ones; none if it is not there.

    `Path.glob` takes a folder that may not be read for an empty one: nobody would see that all runs are closed.
    """
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []


def sync_folder(path: Path) -> None:
    """Make the names in a folder stay after a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Everything written so far stays after a power cut: one call for the file system, not one a file."""
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
    """What a JSON file holds."""
    return orjson.loads(path.read_bytes())


def to_json(value: object) -> bytes:
    """JSON as this project writes it: UTF-8, a final line end. orjson takes a tenth of json's time for it."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def read_file(path: str, size: int, folder: int | None = None) -> bytes | None:
    """A file as `read_whole` reads it, in the folder of a descriptor if one is given; None if it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        return read_whole(descriptor, size)
    finally:
        os.close(descriptor)


def read_whole(descriptor: int, size: int) -> bytes:
    """A file from its beginning: `size` bytes, and one more if there is more than that."""
    data = os.pread(descriptor, size + 1, 0)
    while 0 < len(data) < size and (more := os.pread(descriptor, size + 1 - len(data), len(data))):
        data += more  # a file of gigabytes comes in parts
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
