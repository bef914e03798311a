"""Where drafts go: .eml files in a folder, or text to paste with the attachments as files. Mailboxes: `mailbox.py`.

Files appear once all drafts are finished, or not at all.
"""

import hashlib
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from exports.home.files import folder_for_person, make_folder, sync_file_system, sync_folder
from exports.home.runs import put
from exports.mail.draft import Attachment, Thread, message
from exports.mail.texts import Text

STAGING = ".staging"  # in the home's own folder for drafts


def staging_of(home: Path) -> str:
    """The name of a home's staging folder in a folder that others use too. It is unique to the home, so that what a
    killed command left in it can be removed."""
    return f".partner-certs-{hashlib.sha256(bytes(home.absolute())).hexdigest()[:8]}"


class Draft(NamedTuple):
    """A mail for a person to send. `name`: of its files, unique; the report's file name with the day."""

    name: str
    text: Text
    to: Sequence[str]
    cc: Sequence[str]
    sender: str
    attachments: Sequence[Attachment]
    thread: Thread

    @property
    def message(self) -> bytes:
        """The bytes of the mail."""
        return message(self.text, self.to, self.cc, self.sender, self.attachments, self.thread)

    @property
    def outline(self) -> Self:
        """The draft without HTML and without the bytes of attachments: what is kept to report about it."""
        attachments = [one._replace(data=b"") for one in self.attachments]
        return self._replace(text=self.text._replace(html=""), attachments=attachments)


class Outlet(Protocol):
    """A destination for drafts. A context manager: what was put but not finished is removed on exit."""

    def put(self, draft: Draft) -> list[Path]:
        """Stage a draft; returns the paths that its files will have."""
        ...

    def finish(self) -> None:
        """Let everything that was staged appear."""
        ...

    def __enter__(self) -> Self:
        """Start."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Clean up."""
        ...


class Folder:
    """Drafts as .eml files in a folder, which is made if needed. Raises WrongUsage if it can't be made."""

    def __init__(self, folder: Path, staging: str = STAGING) -> None:
        self._folder, self._staging = folder, folder / staging
        self._staged: dict[Path, Path] = {}  # final path -> staged path

    def put(self, draft: Draft) -> list[Path]:
        """Stage a draft as an .eml file."""
        return [self._stage(self._folder, f"{draft.name}.eml", draft.message)]

    def finish(self) -> None:
        """Sync all files once, then rename them to their final paths."""
        sync_file_system(self._staging)
        folders = {path.parent for path in self._staged}
        for folder in folders:
            make_folder(folder)
        for path, staged in self._staged.items():
            staged.rename(path)
        for folder in folders:
            sync_folder(folder)

    def __enter__(self) -> Self:
        """Remove what a killed command left."""
        shutil.rmtree(self._staging, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove what is only staged."""
        shutil.rmtree(self._staging, ignore_errors=True)

    def _stage(self, folder: Path, name: str, data: bytes) -> Path:
        path = _free(folder / name, data, self._staged)
        if not self._staged:
            folder_for_person(self._folder)
            make_folder(self._staging)
        staged = self._staging / str(len(self._staged))
        put(staged, data)
        self._staged[path] = staged
        return path


class Pasted(Folder):
    """For drafts whose text is pasted: only the attachments are files, in a folder for each draft."""

    def put(self, draft: Draft) -> list[Path]:
        """Stage the attachments, whose names may be the same for two companies."""
        return [self._stage(self._folder / draft.name, one.name, one.data) for one in draft.attachments]


# ---------------------------------------------------------------------------------------------------------------------


def _free(path: Path, data: bytes, taken: Collection[Path]) -> Path:
    """The path, or one with a number if another draft has it: no other draft is overwritten."""
    free, number = path, 1
    while free in taken or (free.exists() and free.read_bytes() != data):
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
