"""The file that the server itself offers (`_export`), read as a downloaded one is.

Not used unless asked for: no tenant has proved yet that it is equal to the pages.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.errors import ExportRefused, Unreachable, WrongUsage
from sources.export import Export
from sources.impartner.client import Client
from sources.impartner.fields import ID, Fields

_READABLE = ("csv", "xlsx")  # in order of preference


async def read_offered(client: Client, host: str, fields: Fields, filter_: str | None) -> Export:
    """The file's rows, as many as the server counts before and after; raises Unreachable if it offers no such file."""
    from sources.downloads import read

    file_type = _choose(host, await client.data("User/_export/types"))
    narrowed = {} if filter_ is None else {"filter": filter_}
    before = await client.page("User", {"fields": ID, "skip": 0, "take": 1, **narrowed})
    query = {"fields": fields.all, "orderby": ID, "fileType": file_type, **narrowed}
    if sys.platform != "linux":
        raise WrongUsage("A file that the server offers is read on Linux only. Pull pages in place of the file")
    # It holds personal data, so it must not stand in a folder for temporary files: it stays in memory.
    descriptor = os.memfd_create("export", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "w+b") as file:
        await client.download("User/_export", query, file)
        export = read(Path(f"/proc/{os.getpid()}/fd/{descriptor}"))
    after = await client.page("User", {"fields": ID, "skip": 0, "take": 1, **narrowed})
    if not before.count == export.frame.height == after.count:
        raise Unreachable(
            f"The file that Impartner offers has {export.frame.height} users, but it counts {before.count} before and "
            f"{after.count} after. Try again, or pull pages in place of the file"
        )
    if not export.frame.height:
        raise ExportRefused("Impartner gives no users. See that the key's role may read users")
    return export


def _choose(host: str, offered: Any) -> str:
    names = _names(offered if isinstance(offered, list) else [])
    for wanted in _READABLE:
        for name in names:
            if wanted in name.casefold():
                return name
    raise Unreachable(
        f"Impartner at {host} offers neither CSV nor XLSX as a file of its users. Pull pages in place of the file"
    )


def _names(offered: Sequence[Any]) -> list[str]:
    parts = [entry.values() if isinstance(entry, dict) else [entry] for entry in offered]
    return [part for some in parts for part in some if isinstance(part, str)]
