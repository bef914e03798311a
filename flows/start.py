"""Where the command starts: signals first, all else after, so that an early Ctrl-C ends as quietly as a late one."""

import os
import signal
from types import FrameType
from typing import NoReturn


def main() -> None:
    """Start the command; until it has been loaded, there is nothing to clear up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from flows.cli import main as command

    command()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)
