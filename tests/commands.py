"""The command, called many times by one process that has imported everything: it forks for each call.

To start Python with polars and pandera takes half a second of a processor, and to fork next to nothing. This is for
tests of what commands do and say; those of how a process starts and ends (`tests/cli/test_main.py`) start one.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.command import clean_environment
from tests.torture.warm import start, start_traced, wait, warm_up

ROOT = Path(__file__).resolve().parents[1]


class Commands:
    """A process that waits to be asked for commands."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(self, folder: Path, *words: str, trace: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        """A command in a folder, with these settings only, to its end; what it says is UTF-8.

        trace: system calls; strace writes them into the file `trace` of the folder.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as streams:
            asked = {"words": words, "folder": str(folder), "settings": settings, "streams": streams, "trace": trace}
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            out, err = ((Path(streams) / name).read_bytes().decode() for name in ("out", "err"))
        return subprocess.CompletedProcess(words, status, out, err)


@contextmanager
def waiting_commands() -> Iterator[Commands]:
    """Start such a process; it ends with its standard input."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.commands"],
        cwd=ROOT, env=clean_environment(PYTHONIOENCODING="utf-8"), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield Commands(process)


def main() -> None:
    """Answer each request with the exit status."""
    warm_up()
    for line in iter(sys.stdin.readline, ""):
        sys.stdout.write(f"{_answer(**json.loads(line))}\n")
        sys.stdout.flush()


# ---------------------------------------------------------------------------------------------------------------------


def _answer(words: list[str], folder: str, settings: dict[str, str], streams: str, trace: str) -> int:
    if not trace:
        return wait(start(words, Path(folder), settings, streams=Path(streams)))
    child, tracer = start_traced(words, Path(folder), settings, "-e", f"trace={trace}", streams=Path(streams))
    status = wait(child)
    tracer.wait()
    return status


if __name__ == "__main__":
    main()
