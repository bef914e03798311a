"""How every command answers: one message and one exit status for whatever ends it."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from click.exceptions import Exit

from cli import output
from schemas.errors import ExportRefused, Stop

UNFORESEEN, HELD, INTERRUPTED, TERMINATED = 1, 4, 130, 143
IMPORTING = "<frozen importlib._bootstrap>"  # where Python's own import stands in a stack
SOON = 0.02  # seconds after which a signal that could not end the command is looked at again


class Terminated(BaseException):
    """Somebody asked the process to end."""


_asked_to_end: list[int] = []  # signals


@contextmanager
def answering(*, json: bool, debug: bool, kind: str | None = None) -> Iterator[None]:
    """Turn whatever ends a command into one message and its exit status. `kind`: of the run that it makes, if any."""
    try:
        with _ending_at_signals():
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
    except KeyboardInterrupt:
        say("Interrupted")
        raise Exit(INTERRUPTED) from None
    except Terminated:
        raise Exit(TERMINATED) from None
    except Exit:
        raise
    except Exception as unforeseen:
        if _asked_to_end:  # libraries turn what a signal raises within them into errors of their own
            raise Exit(128 + _asked_to_end[0]) from None
        if debug:
            raise
        message = what_happened(unforeseen)
        say(message)
        if json:
            with suppress(OSError):  # perhaps just that is what happened: no room on standard output
                output.print_json(output.stopped_json(kind, Stop(message)))
        raise Exit(UNFORESEEN) from None


@contextmanager
def _ending_at_signals() -> Iterator[None]:
    """SIGINT and SIGTERM end the command with nothing half done; outside of it, they end the process at once."""
    _asked_to_end.clear()
    told, sys.unraisablehook = sys.unraisablehook, _lost
    before = {number: signal.signal(number, _end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = told
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    if _is_importing(frame):
        # What is raised in the middle of an import may vanish there and leave the import lock taken: all would wait.
        _look_again(number)
        return
    _asked_to_end.append(number)
    if isinstance(sys.exc_info()[1], KeyboardInterrupt | Terminated):
        return  # it ends already: polars raises at a SIGINT too, and what clears up then must not be disturbed
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def _look_again(number: int) -> None:
    signal.signal(signal.SIGALRM, lambda _, frame: _end_if_nothing_does(number, frame))
    signal.setitimer(signal.ITIMER_REAL, SOON)


def _end_if_nothing_does(number: int, frame: FrameType | None) -> None:
    """What clears up after an exception must not be disturbed: perhaps it is the one that was thought to be lost."""
    if sys.exc_info()[0] is None:
        _end(number, frame)
    else:
        _look_again(number)


def _lost(lost: sys.UnraisableHookArgs) -> None:
    """What was raised where nothing can be, as where a library calls back: a signal is raised again a moment later."""
    if _asked_to_end and isinstance(lost.exc_value, KeyboardInterrupt | Terminated):
        _look_again(_asked_to_end[-1])
    else:
        sys.__unraisablehook__(lost)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False


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
