"""How every command answers: one message and one exit status for whatever ends it."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from signal import SIGINT

from click.exceptions import Exit

from cli import output, signals
from schemas.errors import ExportRefused, Stop

UNFORESEEN, HELD = 1, 4


@contextmanager
def answering(*, json: bool, debug: bool, kind: str | None = None) -> Iterator[None]:
    """Turn whatever ends a command into one message and its exit status. `kind`: of the run that it makes, if any."""
    try:
        yield
    except Stop as stop:
        if json:
            output.print_json(output.stopped_json(kind, stop))
        if isinstance(stop, ExportRefused):
            say_all(stop.notices)
        say(str(stop))
        if isinstance(stop, ExportRefused) and not json:
            output.print_faults(
                [fault._asdict() for fault in stop.faults if fault.row or fault.user_id or fault.column]
            )
        raise Exit(stop.exit_status) from None
    except KeyboardInterrupt:  # so polars says that a signal came while it was at work
        signals.leave(SIGINT)
    except Exit:
        raise
    except Exception as unforeseen:
        if debug:
            raise
        message = what_happened(unforeseen)
        say(message)
        if json:
            with suppress(OSError):  # perhaps just that is what happened: no room on standard output
                output.print_json(output.stopped_json(kind, Stop(message)))
        raise Exit(UNFORESEEN) from None


def say_all(notices: Iterable[str]) -> None:
    """Each on a line of its own."""
    for notice in notices:
        say(notice)


def say(message: str) -> None:
    """One line on standard error, if anybody reads it."""
    with suppress(OSError):
        sys.stderr.write(f"partner-certs: {output.escape(message)}\n")


def what_happened(problem: Exception) -> str:
    """What may be told: other messages than the system's and our own may hold personal data."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. Make room where the home folder is, or where the answer goes, then try again"
    if isinstance(problem, OSError):
        told = f"{problem.strerror or type(problem).__name__}: {problem.filename or 'no file is named'}"
    elif isinstance(problem, AssertionError):
        told = str(problem)
    else:
        told = f"Something unforeseen happened ({type(problem).__name__})"
    return f"{told}. Try again with --debug, and report what it shows"
