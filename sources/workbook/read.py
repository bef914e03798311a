"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS) as an export: the visible sheet that has the headings.

fastexcel hangs or eats memory on some damaged files, so it runs in a separate process (`child.py`) with limits on time
and memory. This module starts it and turns its output into an export; `refusals.py` says why a workbook is refused.
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
BLOCK = 1 << 20  # bytes to hash at once
LARGEST = 512 << 20  # bytes of a workbook; a million people take 100 MB

# Large memory pages for glibc and polars' allocator. Cells are millions of small texts, and take 10 % less time to make
# where the system offers such pages, for hardly more memory.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "_RJEM_MALLOC_CONF": "thp:always"}

# Each thread reserves address space, which is limited (`limits.py`): with many processors, polars' default number of
# threads would not leave enough for an old workbook.
FEW_THREADS = {"POLARS_MAX_THREADS": "2"}


def read(file: BinaryIO, name: str, seconds: float = SECONDS) -> Export:
    """The export in a workbook. Raises ExportRefused, also if reading it takes longer than `seconds`."""
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
    """The process that reads the file; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "sources.workbook.child"],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # fastexcel's panics may show cells
        cwd=Path(__file__).parents[2],
        env=_without_settings(os.environ) | LARGE_PAGES | FEW_THREADS,
    ) as child:
        try:
            yield child
        finally:
            child.kill()  # also when the command is interrupted


def _answer(child: subprocess.Popen[bytes], name: str, seconds: float) -> tuple[dict[str, Any], io.BytesIO]:
    """The process's line of JSON, and the rows as an Arrow stream. Raises ExportRefused."""
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
    """A process that reads damaged files should not have Impartner's key."""
    return {name: value for name, value in environment.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}


def _hash(file: BinaryIO) -> str:
    """The SHA-256 of the file. Reads by position, because the child process shares the file's offset."""
    digest, at = hashlib.sha256(), 0
    while block := os.pread(file.fileno(), BLOCK, at):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()


def _refused(name: str, refusal: Refusal) -> ExportRefused:
    return refused(name, **refusal._asdict())
