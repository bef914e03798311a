"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS) as an export: the visible sheet that has the headings.

The workbook library hangs or eats memory on some damaged files, so it runs in a process of its own (`child.py`) with
limits of time and memory. Here are that process and what becomes of its answer; why it refuses a workbook is in
`refusals.py`.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import ExportRefused
from sources.export import Export
from sources.refusal import check_headings, no_rows, refused
from sources.workbook.refusals import Refusal, damaged, too_large

SECONDS = 45
BLOCK = 1 << 20  # bytes that are hashed at once
LARGEST = 512 << 20  # bytes of a workbook; one of a million people has a hundred million

# The cells are millions of small texts: in large pages (of glibc, and of polars' allocator), where the system lends
# them, they are made a tenth sooner. A million people take hardly more memory so.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "_RJEM_MALLOC_CONF": "thp:always"}

# Each thread takes addresses, and those that the process may use are counted (`limits.py`): on a machine with many
# processors, polars' own number of threads would leave too few for an old workbook.
FEW_THREADS = {"POLARS_MAX_THREADS": "2"}


def read(file: BinaryIO, name: str, seconds: float = SECONDS) -> Export:
    """The export in a workbook. Raises ExportRefused, also if it can't be read within `seconds`."""
    if os.fstat(file.fileno()).st_size > LARGEST:
        raise _refused(name, too_large())
    with _reading(file) as child:
        import polars as pl  # late: while the other process reads

        sha256 = _hash(file)
        answer, rows = _answer(child, name, seconds)
    check_headings(answer["headings"], name)
    frame = pl.read_ipc_stream(rows)
    if not frame.height:
        raise no_rows(name)
    return Export(frame, "file", name, sha256, _notices(answer), sheet=answer["sheet"])


# ----------------------------------------------------------------------------------------------------------------------


def _notices(answer: dict[str, Any]) -> tuple[str, ...]:
    notices = []
    if answer["sheets"] > 1:
        which = f"{answer['sheet']!r} was read, the only visible one with the headings"
        notices.append(f"The workbook has {answer['sheets']} sheets; {which}")
    if answer["row"] > 1:
        notices.append(f"The headings are in row {answer['row']}; the rows above were skipped")
    return tuple(notices)


@contextmanager
def _reading(file: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    """The process that reads the file; it does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "sources.workbook.child"],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # panics of the library may show cells
        cwd=Path(__file__).parents[2],
        env=_without_settings(os.environ) | LARGE_PAGES | FEW_THREADS,
    ) as child:
        try:
            yield child
        finally:
            child.kill()  # also when the command is interrupted


def _answer(child: subprocess.Popen[bytes], name: str, seconds: float) -> tuple[dict[str, Any], io.BytesIO]:
    """The answer of the process, and the rows as an Arrow stream."""
    try:
        output = io.BytesIO(child.communicate(timeout=seconds)[0])
    except subprocess.TimeoutExpired:
        what = f"it could not be read within {seconds:g} seconds, so it is damaged or far too large"
        raise _refused(name, damaged(what)) from None
    line = output.readline()
    if child.returncode or not line:
        raise _refused(name, damaged("it can't be read as a workbook: it is damaged or takes too much memory"))
    answer = json.loads(line)
    if "refused" in answer:
        raise _refused(name, Refusal(**answer["refused"]))
    return answer, output


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The key of Impartner is nothing for a process that reads damaged files."""
    return {name: value for name, value in environment.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}


def _hash(file: BinaryIO) -> str:
    """The SHA-256 of the file. It is read by position: the offset is shared with the process."""
    digest, at = hashlib.sha256(), 0
    while block := os.pread(file.fileno(), BLOCK, at):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()


def _refused(name: str, refusal: Refusal) -> ExportRefused:
    return refused(name, **refusal._asdict())
