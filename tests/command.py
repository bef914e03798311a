"""The command as a process: its path, and an environment without this machine's settings."""

import os
import sys
import time
from pathlib import Path
from typing import Protocol

COMMAND = Path(sys.executable).with_name("partner-certs")


class Process(Protocol):
    """A started process."""

    @property
    def pid(self) -> int:
        """The process id."""

    def poll(self) -> int | None:
        """None while it runs."""


def clean_environment(**settings: str) -> dict[str, str]:
    """This machine's environment without variables of the program or Prefect, plus these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}
    return kept | settings


def wait_for_rest(process: Process) -> None:
    """Wait until it waits: all its threads sleep, and used hardly any CPU between two checks."""
    before = None
    while process.poll() is None:
        asleep, ticks = _work(process.pid)
        if asleep and before is not None and ticks - before <= 1:
            return
        before = ticks
        time.sleep(0.3)
    raise AssertionError("It ended without waiting")


def _work(process: int) -> tuple[bool, int]:
    """Whether all threads of a process sleep, and their CPU ticks."""
    threads = [path.read_text().rpartition(")")[2].split() for path in Path(f"/proc/{process}/task").glob("*/stat")]
    return all(fields[0] == "S" for fields in threads), sum(int(fields[11]) + int(fields[12]) for fields in threads)
