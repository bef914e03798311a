"""Workbooks (XLSX, XLSB, XLS, ODS) as an export: the first sheet that has the headings.

The workbook library hangs or eats memory on some damaged files, so it runs in a process of its own
(`sources/workbook/child.py`) with limits of time and memory. Here are the checks before it, the process, and the words
for what went wrong in it.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import ExportRefused
from sources.delimited.encoding import BLOCK
from sources.export import Export
from sources.refusal import AGAIN, check_headings, no_rows, refused

SECONDS = 45
LARGEST = 512 << 20  # bytes of a workbook; one of a million people has a hundred million
UNPACKED = 4 << 30  # bytes; a million people unpack to one
PACKED_TO = 100  # times smaller than unpacked is a bomb's way; workbooks are some ten times smaller
BOMBLESS = 100 << 20  # bytes that may be packed as tightly as they like

# The cells are millions of small texts: in large pages (of glibc, and of polars' allocator), where the system lends
# them, they are made a tenth sooner. A million people take hardly more memory so.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "_RJEM_MALLOC_CONF": "thp:always"}

# Each thread takes addresses, and those that the process may use are counted (`sources/workbook/child.py`): on a
# machine with many processors, polars' own number of threads would leave too few for an old workbook.
FEW_THREADS = {"POLARS_MAX_THREADS": "2"}

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def looks_like_one(head: bytes) -> bool:
    """Whether a file that begins like this is a workbook, or a damaged one."""
    return head.startswith((*_ZIP, _OLE))


def read(file: BinaryIO, name: str, seconds: float = SECONDS) -> Export:
    """The export in a workbook. Raises ExportRefused, also if it can't be read within `seconds`."""
    if os.fstat(file.fileno()).st_size > LARGEST:
        raise _too_large(name)
    if file.read(len(_OLE)).startswith(_ZIP):
        _check_zip(file, name)
    file.seek(0)
    told, rows, sha256 = _read_apart(file, name, seconds)
    check_headings(told["headings"], name)
    import polars as pl

    frame = pl.read_ipc_stream(rows)
    if not frame.height:
        raise no_rows(name)
    return Export(frame, "file", name, sha256, _notices(told))


# ----------------------------------------------------------------------------------------------------------------------


def _notices(told: dict[str, Any]) -> tuple[str, ...]:
    notices = []
    if told["sheets"] > 1:
        notices.append(
            f"The workbook has {told['sheets']} sheets; read was {told['sheet']!r}, the first one with the headings"
        )
    if told["row"] > 1:
        notices.append(f"The headings stand in row {told['row']}; what is above them was left away")
    return tuple(notices)


def _check_zip(file: BinaryIO, name: str) -> None:
    """Raise ExportRefused for what is no workbook at all, is locked, or unpacks to too much."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise _damaged(name, "it begins like a workbook but is truncated or damaged") from None
    if any(member.flag_bits & 1 for member in members):
        raise _locked(name)
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > UNPACKED or unpacked > max(BOMBLESS, packed * PACKED_TO):
        raise _too_large(name)


def _read_apart(file: BinaryIO, name: str, seconds: float) -> tuple[dict[str, Any], io.BytesIO, str]:
    """What the child tells, the rows as an Arrow stream, and the hash of the file."""
    command = [sys.executable, "-m", "sources.workbook.child"]
    with subprocess.Popen(  # noqa: S603  our own module
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # panics of the library may show cells
        cwd=Path(__file__).parents[2],
        env=_without_settings(os.environ) | LARGE_PAGES | FEW_THREADS,
    ) as child:
        try:
            import polars  # noqa: F401  needed for the answer, and imported while it is waited for

            sha256 = _hash(file)
            answer = io.BytesIO(child.communicate(timeout=seconds)[0])
        except subprocess.TimeoutExpired:
            what = f"it could not be read within {seconds:g} seconds, so it is damaged or far too large"
            raise _damaged(name, what) from None
        finally:
            child.kill()  # also when the command is interrupted
    line = answer.readline()
    if child.returncode or not line:
        raise _damaged(name, "it can't be read as a workbook: it is damaged or takes too much memory")
    told = json.loads(line)
    match told.get("refused"):
        case None:
            return told, answer, sha256
        case "password":
            raise _locked(name)
        case "unclear":
            raise _unclear(name)
        case "NUL":
            raise _damaged(name, "it holds NUL characters, so it is damaged")
        case _:
            raise _damaged(name, "it can't be read as a workbook: it is truncated, damaged or something else")


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The key of Impartner is nothing for a process that reads damaged files."""
    return {name: value for name, value in environment.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}


def _hash(file: BinaryIO) -> str:
    """The SHA-256 of the file. It is not read from where it stands: that place is shared with the child."""
    digest, at = hashlib.sha256(), 0
    while block := os.pread(file.fileno(), BLOCK, at):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()


def _damaged(name: str, what: str) -> ExportRefused:
    return refused(name, what, "The workbook can be read", f"{AGAIN}, or open it and save it as .xlsx")


def _locked(name: str) -> ExportRefused:
    remedy = "Open it in a spreadsheet program and save it without a password"
    return refused(name, "it is locked with a password", "The workbook can be opened without a password", remedy)


def _unclear(name: str) -> ExportRefused:
    remedy = "Open it in a spreadsheet program and save it as .xlsx"
    what = "it has cells that can't be told for sure: formulas that were never calculated, or booleans spelt unusually"
    return refused(name, what, "Every cell of the workbook can be read", remedy)


def _too_large(name: str) -> ExportRefused:
    return refused(
        name,
        "it unpacks to far more than a user export holds",
        "The workbook unpacks to at most 4 GiB and 100 times its size",
        f"{AGAIN} as CSV",
    )
