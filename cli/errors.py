"""Error handling of all commands: whatever ends a command becomes one message and one exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from signal import SIGINT

from click.exceptions import Exit

from cli import output, signals
from schemas.errors import ExportRefused, Stop, os_error_message

UNFORESEEN, HELD = 1, 4


@contextmanager
def handling_errors(*, json: bool, debug: bool, kind: str | None = None) -> Iterator[None]:
    """Turn an exception into one message and an exit status. `kind`: of the run that the command makes, if any."""
    try:
        yield
    except Stop as stop:
        _print_stop(stop, json=json, kind=kind)
        raise Exit(stop.exit_status) from None
    except KeyboardInterrupt:  # polars raises it if a signal arrives while it works
        signals.exit_on_signal(SIGINT)
    except Exit:
        raise
    except Exception as unforeseen:
        if debug:
            raise
        message = error_message(unforeseen)
        warn(message)
        if json:
            with suppress(OSError):  # standard output may be on the full disk
                output.print_json(output.stopped_json(kind, Stop(message)))
        raise Exit(UNFORESEEN) from None


def warn_all(notices: Iterable[str]) -> None:
    """Print each notice on a line of its own, on standard error."""
    for notice in notices:
        warn(notice)


def warn(message: str) -> None:
    """Print a line on standard error, if it is open."""
    with suppress(OSError):
        sys.stderr.write(f"partner-certs: {output.escape(message)}\n")


def error_message(problem: Exception) -> str:
    """A message without personal data: the operating system's or our own; otherwise only the type of the exception."""
    if isinstance(problem, OSError) and (message := os_error_message(problem)):
        return message
    if isinstance(problem, OSError):
        message = f"{problem.strerror or type(problem).__name__}: {problem.filename or 'no file is named'}"
    elif isinstance(problem, AssertionError):
        message = str(problem)
    else:
        message = f"Something unforeseen happened ({type(problem).__name__})"
    return f"{message}. Try again with --debug, and report what it shows"


# ----------------------------------------------------------------------------------------------------------------------


def _print_stop(stop: Stop, *, json: bool, kind: str | None) -> None:
    if json:
        output.print_json(output.stopped_json(kind, stop))
    if isinstance(stop, ExportRefused):
        warn_all(stop.notices)
    warn(str(stop))
    if isinstance(stop, ExportRefused) and not json:
        output.print_faults([fault._asdict() for fault in stop.faults if fault.row or fault.user_id or fault.column])
