"""Which of a mailbox's folders are for drafts and for sent mails: by their special use, else by a usual name.

A server marks it by special use (RFC 6154), whatever the folder is called. Few servers don't; then its name decides.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Use = Literal["drafts", "sent"]
SPECIAL_USE: dict[Use, str] = {"drafts": "\\Drafts", "sent": "\\Sent"}
USUAL: dict[Use, frozenset[str]] = {  # as mail programs and servers name them, in small letters
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
    """A folder as the server lists it."""

    name: str
    delim: str
    flags: tuple[str, ...]


class Found(NamedTuple):
    """The folders of a use, and what a person should know of how they were found ("" if the server marks them)."""

    names: tuple[str, ...]
    notice: str = ""


def find_folders(folders: Sequence[Folder], use: Use) -> Found:
    """The folders that the server marks for a use; else the one with a usual name. None if there is neither, or if
    several have such a name."""
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
    """Of `INBOX.Drafts`, the second."""
    name = folder.name.rpartition(folder.delim)[2] if folder.delim else folder.name
    return name.strip().casefold()
