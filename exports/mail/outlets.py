"""Where drafts go: .eml files in a folder, or texts to paste with the attachments as files. Mailboxes: `mailbox.py`.

What is put appears when all is finished, or not at all.
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
    """The staging folder of a home's drafts in a folder that is a person's own, or another home's too: nobody else has
    one of this name, so that what a killed command left there can be removed."""
    return f".partner-certs-{hashlib.sha256(bytes(home.absolute())).hexdigest()[:8]}"


class Draft(NamedTuple):
    """One mail for a person to send. `name` tells it from all others: the report's, and the day."""

    name: str
    text: Text
    to: Sequence[str]
    cc: Sequence[str]
    sender: str
    attachments: Sequence[Attachment]
    thread: Thread

    @property
    def message(self) -> bytes:
        """Its bytes."""
        return message(self.text, self.to, self.cc, self.sender, self.attachments, self.thread)

    @property
    def outline(self) -> Self:
        """All of it that is told once it is made: without HTML, and without the bytes of attachments."""
        attachments = [one._replace(data=b"") for one in self.attachments]
        return self._replace(text=self.text._replace(html=""), attachments=attachments)


class Outlet(Protocol):
    """Where drafts are put. A context manager: what was put and not finished is gone at its end."""

    def put(self, draft: Draft) -> list[Path]:
        """Put one; gives the files that it will be in."""
        ...

    def finish(self) -> None:
        """Let everything appear that was put."""
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        ...


class Folder:
    """Drafts as .eml files in a folder, which is made if it is not there; WrongUsage if it can't be."""

    def __init__(self, folder: Path, staging: str = STAGING) -> None:
        self._folder, self._staging = folder, folder / staging
        self._places: dict[Path, Path] = {}  # where a file will be -> where it is staged

    def put(self, draft: Draft) -> list[Path]:
        """Stage one as an .eml file."""
        return [self._stage(self._folder, f"{draft.name}.eml", draft.message)]

    def finish(self) -> None:
        """Sync all of them once, and rename them into their places."""
        sync_file_system(self._staging)
        folders = {place.parent for place in self._places}
        for folder in folders:
            make_folder(folder)
        for place, staged in self._places.items():
            staged.rename(place)
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
        place = _free(folder / name, data, self._places)
        if not self._places:
            folder_for_person(self._folder)
            make_folder(self._staging)
        staged = self._staging / str(len(self._places))
        put(staged, data)
        self._places[place] = staged
        return place


class Pasted(Folder):
    """For who pastes the text: the attachments as files, in a folder of each draft's own."""

    def put(self, draft: Draft) -> list[Path]:
        """Stage the attachments; two companies' may have one name."""
        return [self._stage(self._folder / draft.name, one.name, one.data) for one in draft.attachments]


# ---------------------------------------------------------------------------------------------------------------------


def _free(path: Path, data: bytes, taken: Collection[Path]) -> Path:
    """The path, or one with a number behind it: another draft is never written over."""
    place, number = path, 1
    while place in taken or (place.exists() and place.read_bytes() != data):
        number += 1
        place = path.with_stem(f"{path.stem}-{number}")
    return place
