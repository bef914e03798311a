"""SIGINT and SIGTERM end the command at once and leave nothing half done.

No exception is raised for them: a library may swallow it, and an import may be left half done by it. What can't be
cleaned up here is removed by the next run.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)

before_leaving: list[Callable[[], object]] = []  # in this order


def leave_at_signals() -> None:
    """From now on, a signal ends the process. Call it again when a library may have put a handler of its own there."""
    for number in SIGNALS:
        signal.signal(number, leave)


def ignore_signals() -> None:
    """From now on, a signal changes nothing: the work is done, and how it went must not be hidden."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def leave(number: int, _frame: FrameType | None = None) -> NoReturn:
    """End the process as this signal does, after what is to be done before; a second signal does not wait for that."""
    for each in SIGNALS:
        signal.signal(each, _leave_at_once)
    for clean_up in before_leaving:
        with suppress(Exception):  # the process ends all the same, and the next run removes what this one leaves
            clean_up()
    _leave_at_once(number)


def _leave_at_once(number: int, _frame: FrameType | None = None) -> NoReturn:
    os._exit(128 + number)
