"""Creating a run's folder: staged under a hidden name, then renamed with its manifest inside."""

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
    """The folder of a run in the making; it becomes `runs/<run>` if the block succeeds, else it is removed.

    Requires `Home.writing`. The block must call `keep_manifest`, because a folder under its final name is a complete
    run.
    """
    make_folder(home.runs)
    home.runs.chmod(0o700)  # it may come from a restored backup
    home.remove_leftovers()
    folder = home.runs / f"{STAGING}{run}"
    _staged.add(folder)
    make_folder(folder / REPORTS)
    try:
        yield folder
        sync_file_system(folder)
        folder.rename(home.runs / run)
    except BaseException:  # KeyboardInterrupt, too
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        _staged.remove(folder)
    sync_folder(home.runs)


def remove_staged() -> None:
    """Remove what this process has staged, when it ends at once. Other threads may still be writing there."""
    for folder in [*_staged]:
        for _ in range(REMOVALS):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(REMOVED_EVERY)


def sync_meanwhile(folder: Path) -> None:
    """Start syncing what is written so far, in a thread; `staged` syncs the rest and waits for all of it."""

    def sync() -> None:
        with suppress(OSError):  # it would fail again in `staged`
            sync_file_system(folder)

    Thread(target=sync, name="sync", daemon=True).start()


def keep_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into a staged folder."""
    put(folder / MANIFEST, to_json(manifest))


def put(path: Path, data: bytes) -> None:
    """Write a file of 0600 into a staged folder; `staged` syncs all of them at once."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
