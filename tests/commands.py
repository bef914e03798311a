"""The command, run many times by one process that has imported everything and forks for each run.

To start Python with polars and pandera takes half a second of a processor, and to fork next to nothing. This is for
tests of what commands do and say, at a terminal too, and of what is left when they are killed; those of how a process
starts and ends (`tests/cli/test_main.py`) start one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.command import clean_environment
from tests.torture.warm import Child, start, start_traced, wait, warm_up

ROOT = Path(__file__).resolve().parents[1]
Tracer = subprocess.Popen[bytes]


class Commands:
    """A process that waits for commands to run."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(self, folder: Path, *words: str, trace: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in a folder, with these settings only; its output is UTF-8.

        trace: system calls; strace writes them into the file `trace` of the folder.
        """
        return self.begin(folder, *words, trace=trace, **settings).end()

    def begin(self, folder: Path, *words: str, trace: str = "", terminal: str = "", **settings: str) -> "Running":
        """Start a command, to be ended by `end`. terminal: the device for its streams."""
        return Running(self, folder, words, {"settings": settings, "trace": trace, "terminal": terminal})

    def ask(self, **asked: object) -> int:
        """The response of the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Running:
    """A running command. Its pid is not reused until `end`."""

    def __init__(self, commands: Commands, folder: Path, words: tuple[str, ...], more: dict[str, Any]) -> None:
        self._commands, self._words, self._streams = commands, words, TemporaryDirectory()
        self.pid = commands.ask(begin={"words": words, "folder": str(folder), "streams": self._streams.name, **more})

    def poll(self) -> int | None:
        """None while it runs, as of a Popen; `end` returns the status."""
        is_over = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return 0 if is_over else None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        os.kill(self.pid, number)

    def end(self) -> "subprocess.CompletedProcess[str]":
        """Wait for its end; return its exit status, negative for a signal, and output."""
        status = self._commands.ask(end=self.pid)
        with self._streams as streams:
            output = [
                path.read_bytes().decode() if path.exists() else "" for path in map(Path(streams).joinpath, OUT_ERR)
            ]
        return subprocess.CompletedProcess(self._words, status, *output)


@contextmanager
def waiting_commands() -> Iterator[Commands]:
    """Start the process; it ends when its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.commands"],
        cwd=ROOT, env=clean_environment(PYTHONIOENCODING="utf-8"), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield Commands(process)


def main() -> None:
    """Respond to `begin` with the pid, to `end` with the exit status."""
    warm_up()
    begun: dict[int, tuple[Child, Tracer | None]] = {}
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        if "begin" in asked:
            child, tracer = _begin(**asked["begin"])
            begun[child.pid] = child, tracer
            answer = child.pid
        else:
            answer = _end(*begun.pop(asked["end"]))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


# ---------------------------------------------------------------------------------------------------------------------

OUT_ERR = ("out", "err")


def _begin(
    words: list[str], folder: str, settings: dict[str, str], streams: str, trace: str, terminal: str
) -> tuple[Child, Tracer | None]:
    if trace:
        return start_traced(words, Path(folder), settings, "-e", f"trace={trace}", streams=Path(streams))
    return start(words, Path(folder), settings, streams=Path(streams), terminal=terminal), None


def _end(child: Child, tracer: Tracer | None) -> int:
    status = wait(child)
    if tracer:
        tracer.wait()
    return status


if __name__ == "__main__":
    main()
