"""Finds the folders for drafts and sent mails of a mailbox.

Most servers mark them with a special use (RFC 6154), whatever they are called; with others, a usual name decides.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Use = Literal["drafts", "sent"]
SPECIAL_USE: dict[Use, str] = {"drafts": "\\Drafts", "sent": "\\Sent"}
USUAL: dict[Use, frozenset[str]] = {  # names that mail programs and servers use, in lower case
    "drafts": frozenset(
        {"drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "rascunhos", "concepten", "kladder",
         "utkast", "luonnokset", "wersje robocze", "szkice", "koncepty", "черновики", "下書き", "草稿"}
    ),
    "sent": frozenset(
        {"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte",
         "envoyés", "éléments envoyés", "messages envoyés", "enviados", "elementos enviados", "mensajes enviados",
         "inviata", "posta inviata", "itens enviados", "verzonden", "verzonden items", "sendt", "sendte elementer",
         "skickat", "skickade", "lähetetyt", "wysłane", "elementy wysłane", "odeslané", "отправленные",
         "送信済み", "送信済みアイテム", "送信済みメール", "已发送", "已发送邮件"}
    ),
}  # fmt: skip


class Folder(Protocol):
    """A folder in the server's list."""

    name: str
    delim: str
    flags: tuple[str, ...]


class Found(NamedTuple):
    """The folders of a use, and a notice about how they were found; "" if the server marks them."""

    names: tuple[str, ...]
    notice: str = ""


def find_folders(folders: Sequence[Folder], use: Use) -> Found:
    """The folders that the server marks for a use, else the one with a usual name. None if there is neither, or if
    several have such a name; then the notice says so, and continues "The mailbox at HOST"."""
    open_ones = [folder for folder in folders if not _has(folder, "\\Noselect", "\\NonExistent")]
    if marked := [folder.name for folder in open_ones if _has(folder, SPECIAL_USE[use])]:
        return Found(tuple(marked))
    named = [folder.name for folder in open_ones if _last_name(folder) in USUAL[use]]
    if len(named) == 1:
        return Found((named[0],), f"The mailbox marks no folder as {SPECIAL_USE[use]}: {named[0]!r} is taken")
    if not named:
        return Found((), f"has no folder for {_WHAT[use]}: none is marked as {SPECIAL_USE[use]}")
    return Found((), f"has several folders for {_WHAT[use]}, and marks none: {', '.join(map(repr, named))}")


# ---------------------------------------------------------------------------------------------------------------------

_WHAT: dict[Use, str] = {"drafts": "drafts", "sent": "sent mails"}


def _has(folder: Folder, *flags: str) -> bool:
    return bool({flag.casefold() for flag in folder.flags} & {flag.casefold() for flag in flags})


def _last_name(folder: Folder) -> str:
    """The last part of a folder's path, in lower case: "drafts" of `INBOX.Drafts`."""
    name = folder.name.rpartition(folder.delim)[2] if folder.delim else folder.name
    return name.strip().casefold()
