"""One run's folder: staged under a hidden name, and there in one rename, with its manifest, or not at all."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from exports.home.files import make_folder, sync_file_system, sync_folder, to_json
from exports.home.layout import MANIFEST, REPORTS, STAGING, Home
from schemas.manifest import Manifest

REMOVALS, REMOVED_EVERY = 20, 0.05  # seconds; of a folder that other threads still write to

_staged: set[Path] = set()  # by this process


@contextmanager
def staged(home: Home, run: str) -> Iterator[Path]:
    """The folder of a run while it is being made; it becomes `runs/<run>` when the block ends well, else it is gone.

    Call it as the writer of the home. Before the block ends, `keep_manifest` must have put the manifest there:
    a folder under its own name is a whole run.
    """
    make_folder(home.runs)
    home.runs.chmod(0o700)  # it may have been there before, as a restored backup has it
    home.remove_leftovers()
    folder = home.runs / f"{STAGING}{run}"
    _staged.add(folder)
    make_folder(folder / REPORTS)
    try:
        yield folder
        sync_file_system(folder)
        folder.rename(home.runs / run)
    except BaseException:  # also when the person interrupts
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        _staged.remove(folder)
    sync_folder(home.runs)


def remove_staged() -> None:
    """Take away what this process has in staging when it ends at once. Other threads of it may still write there."""
    for folder in [*_staged]:
        for _ in range(REMOVALS):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(REMOVED_EVERY)


def sync_meanwhile(folder: Path) -> None:
    """Let the disk begin with what is written so far; `staged` syncs the rest, and waits for all of it."""

    def sync() -> None:
        with suppress(OSError):  # what fails here fails again at the end
            sync_file_system(folder)

    Thread(target=sync, name="sync", daemon=True).start()


def keep_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest there."""
    put(folder / MANIFEST, to_json(manifest))


def put(path: Path, data: bytes) -> None:
    """A file of 0600 in a staged folder; `staged` syncs all of them at once."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
