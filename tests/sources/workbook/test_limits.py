"""The process that reads a workbook does not outlive the command."""

import subprocess
import sys
import time
from pathlib import Path

CHILD = (
    "import time; from sources.workbook.limits import ADDRESSES, limit_memory; limit_memory(ADDRESSES); "
    "print('limited', flush=True); time.sleep(600)"
)
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {CHILD!r}]).pid, flush=True); input()"
WAIT = 90.0  # seconds


def test_the_child_ends_with_its_parent() -> None:
    """Even if the parent is killed."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == b"limited\n"
        assert is_running(child)
        parent.kill()
    end = time.monotonic() + WAIT
    while is_running(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(process: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
