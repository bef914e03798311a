"""Where the command starts: signals first, all else after, so that an early Ctrl-C ends as quietly as a late one."""

import gc
import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

from cli import signals

# How polars' allocator works. Memory is given back after a tenth of a second: a stage's frames are gone then before the
# next one needs as much, which is a fifth less memory at a million users. It comes in large pages where the system has
# them, and from one arena a processor: a twelfth of the time was the system handing out pages of 4 KiB.
MEMORY = f"dirty_decay_ms:100,muzzy_decay_ms:0,thp:always,narenas:{os.cpu_count() or 1}"


def main() -> None:
    """Start the command; until it has been loaded, there is nothing to clear up."""
    _open_closed_streams()
    _say_it_somehow()
    os.environ.setdefault("_RJEM_MALLOC_CONF", MEMORY)
    gc.disable()  # a command ends before garbage matters, and looking for it takes a tenth of a small run
    signals.leave_at_signals()
    from cli.app import main as command  # late: a signal must find the handler, however early it comes

    try:
        command()
    except SystemExit as ending:
        leave_now(ending)


def leave_now(ending: SystemExit) -> NoReturn:
    """End the process without taking it down piece by piece: what was written is written, and a person waits."""
    signals.ignore_signals()
    with suppress(OSError):  # the reader has seen enough, or there is no room: that has been told already
        sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(ending.code if isinstance(ending.code, int) else int(ending.code is not None))


def _open_closed_streams() -> None:
    """Standard streams that are closed lead nowhere; else the next file that is opened would take their number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115  as long as the process
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _say_it_somehow() -> None:
    """What standard output has no letters for is shown as codes; a path that is no text passes as the bytes it is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        is_utf8 = sys.stdout.encoding.lower() == "utf-8"
        sys.stdout.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")
