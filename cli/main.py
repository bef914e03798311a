"""The entry point of the command. It handles signals first, so that an early Ctrl-C is as quiet as a late one."""

import gc
import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

from cli import signals

# Options of polars' allocator (jemalloc). It returns memory after a tenth of a second, so a stage's frames are gone
# before the next stage needs as much: a fifth less memory at a million users. Huge pages, where the system has them,
# and one arena per processor save a twelfth of the time, which went into page faults of 4 KiB.
MEMORY = f"dirty_decay_ms:100,muzzy_decay_ms:0,thp:always,narenas:{os.cpu_count() or 1}"


def main() -> None:
    """Start the command."""
    _open_closed_streams()
    _encode_everything()
    os.environ.setdefault("_RJEM_MALLOC_CONF", MEMORY)
    gc.disable()  # a command ends before garbage matters, and collecting it takes a tenth of a small run
    signals.exit_on_signals()
    from cli.app import main as command  # late: the handler must be in place before the imports

    try:
        command()
    except SystemExit as end:
        exit_now(end)


def exit_now(end: SystemExit) -> NoReturn:
    """End the process at once: everything is written, and the interpreter's shutdown takes time."""
    signals.ignore_signals()
    with suppress(OSError):  # the reader closed the pipe, or the disk is full, which was reported already
        sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))


# ----------------------------------------------------------------------------------------------------------------------


def _open_closed_streams() -> None:
    """Open closed standard streams on /dev/null, or the next file that is opened would get their number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115  as long as the process
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _encode_everything() -> None:
    """Print what standard output can't encode as escapes; in UTF-8, a path that is not text is printed as its bytes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        is_utf8 = sys.stdout.encoding.lower() == "utf-8"
        sys.stdout.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")
