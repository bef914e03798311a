"""Output that all commands share: lines, faults, one JSON object. Nothing is computed here.

Standard output belongs to the person who runs the command and may name people; standard error names accounts and rows
only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from schemas.errors import ExportRefused, Stop

LISTED = 100  # faults in --json; the run folder has all
SHOWN = 10  # faults that are printed for a person
TOTALS = ("accounts", "written", "held", "people", "rows_read", "guarded_cells")
FAULT_KEYS = ("account", "row", "person", "user_id", "column", "found", "rule", "remedy")


def print_json(value: object) -> None:
    """Print one JSON object; in a pipe on one line, which is four times faster to make."""
    is_utf8 = sys.stdout.encoding.lower() == "utf-8"
    text = json.dumps(value, ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    write(text.encode(errors="backslashreplace").decode())  # a file name may have bytes that are not text: escape them


def line(text: object) -> None:
    """Print a line for a person, with control characters escaped."""
    write(escape(str(text)))


def write(text: str) -> None:
    """Print text as it is. If the reader closes the pipe, the command goes on and its exit status is the same."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), sys.stdout.fileno())


def escape(text: str) -> str:
    """The text with control and invisible characters, line ends and changes of writing direction as escape codes.

    Partners typed the names in it: they must not control the terminal or disguise what a line says.
    """
    return text.translate(_CODES)


def stopped_json(kind: str | None, stop: Stop) -> dict[str, Any]:
    """A stopped command as JSON: a run in the usual shape, any other command as its message.

    Callers recognize a refused export by its faults, so one without any gets the message as its fault.
    """
    message = str(stop)
    if kind is None:
        return {"error": message}
    of_export = stop.faults if isinstance(stop, ExportRefused) else ()
    faults = [{key: getattr(fault, key) for key in FAULT_KEYS} for fault in of_export[:LISTED]]
    of_message = dict.fromkeys(FAULT_KEYS) | {"rule": message, "remedy": message.rpartition(". ")[2]}
    return {
        "run": None,
        "kind": kind,
        "status": "refused" if isinstance(stop, ExportRefused) else "failed",
        "run_dir": None,
        "manifest": None,
        "totals": dict.fromkeys(TOTALS, 0),
        "faults": faults or [of_message],
        "notices": list(stop.notices) if isinstance(stop, ExportRefused) else [],
    }


def print_faults(faults: Sequence[Mapping[str, Any]], run_dir: Path | None = None) -> None:
    """Print the first faults: where, rule, value found, remedy. run_dir: of the run, if it was kept."""
    for fault in faults[:SHOWN]:
        where = ", ".join(filter(None, _where(fault)))
        found = "" if fault["found"] is None else f" Found: {fault['found']!r}."
        person = f" Person: {fault['person']}." if fault["person"] else ""
        line(f"  {where}: {fault['rule']}.{found}{person}")
        line(f"    {fault['remedy']}.")
    if len(faults) > SHOWN:
        where = f"see faults.csv in {run_dir}" if run_dir else f"--json lists the first {LISTED}"
        line(f"  and {len(faults) - SHOWN} more faults: {where}")


# ----------------------------------------------------------------------------------------------------------------------


def _where(fault: Mapping[str, Any]) -> Iterator[str | None]:
    if fault["account"] is not None:
        yield fault["account"] or "(no account)"
    if fault["row"]:
        yield f"row {fault['row']}"
    if fault["user_id"]:
        yield f"user {fault['user_id']}"
    yield fault["column"]


_STEERING = {*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}
# Invisible: two names may differ in these alone. Joiners belong to some scripts, and stay
_INVISIBLE = [0xAD, 0x34F, 0x180E, 0x200B, *range(0x2060, 0x2065), 0xFEFF, *range(0xE0000, 0xE0080)]
_CODES = {code: f"\\u{code:04x}" for code in (*_STEERING, *_INVISIBLE)}
