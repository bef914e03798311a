"""SIGINT and SIGTERM end the command at once, without leaving anything half written.

They raise no exception: a library may swallow it, and it may break off an import halfway. What can't be cleaned up
here is removed by the next run.
"""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)

before_exit: list[Callable[[], object]] = []  # called in this order when a signal ends the process


def exit_on_signals() -> None:
    """Let signals end the process. Call it again if a library may have installed a handler of its own."""
    for number in SIGNALS:
        signal.signal(number, exit_on_signal)
    threading.excepthook = _report_unless_interrupted


def ignore_signals() -> None:
    """Ignore signals: the work is done, and its exit status must not be hidden."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def exit_on_signal(number: int, _frame: FrameType | None = None) -> NoReturn:
    """Call `before_exit`, then end the process with the signal's exit status; a second signal ends it at once."""
    for each in SIGNALS:
        signal.signal(each, _exit_at_once)
    for clean_up in before_exit:
        with suppress(Exception):  # the process ends anyway, and the next run removes what this one leaves
            clean_up()
    _exit_at_once(number)


# ----------------------------------------------------------------------------------------------------------------------


def _report_unless_interrupted(problem: threading.ExceptHookArgs) -> None:
    """Report what ended a thread, unless Ctrl-C did: polars raises it in each thread, and the main one handles it."""
    if not issubclass(problem.exc_type, KeyboardInterrupt):
        threading.__excepthook__(problem)


def _exit_at_once(number: int, _frame: FrameType | None = None) -> NoReturn:
    os._exit(128 + number)
