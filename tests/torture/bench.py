"""One command on copies of its home, killed or with failing system calls, and what it leaves behind."""

import os
import re
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.torture import homes
from tests.torture.cases import Case
from tests.torture.homes import State
from tests.torture.warm import Child, start, start_traced, wait

CALLS = (
    "openat,write,pwrite64,writev,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,"
    "mkdir,mkdirat,fsync,fdatasync,syncfs,sync,ftruncate,truncate,chmod,fchmod,fchmodat,copy_file_range,sendfile"
)
# For a full disk, a broken disk, and missing permissions
ERRORS = {
    **dict.fromkeys(("openat", "write", "pwrite64", "writev", "mkdir", "mkdirat", "symlink", "symlinkat"), "ENOSPC"),
    **dict.fromkeys(("rename", "renameat", "renameat2", "copy_file_range", "sendfile"), "ENOSPC"),
    **dict.fromkeys(("fsync", "fdatasync", "syncfs", "sync", "ftruncate", "truncate"), "EIO"),
    **dict.fromkeys(("link", "linkat"), "EMLINK"),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir", "chmod", "fchmod", "fchmodat"), "EACCES"),
}
STATUSES = {0, 1, 2, 3, 4, 5, 6}  # of the contract
CALL = re.compile(r"(\d+) +(\w+)\((.*)")


@dataclass
class Bench:
    """One command on copies of its home: its normal result, and what it may leave behind otherwise."""

    case: Case
    folder: Path  # with `homes` and `scratch`
    settings: Mapping[str, str]
    before: State = field(init=False)
    done: tuple[State, State] = field(init=False)  # after one run, and after a second
    seconds: float = field(init=False)

    def __post_init__(self) -> None:
        home = self.fresh()
        self.before = homes.check(home, at_rest=True)
        first, once = self.finish(home), homes.check(home, at_rest=True)
        second, twice = self.finish(home), homes.check(home, at_rest=True)
        self.seconds, self.done = min(first, second), (once, twice)

    @property
    def scratch(self) -> Path:
        """The command's working directory and streams."""
        return self.folder / "scratch"

    @property
    def environment(self) -> dict[str, str]:
        """The command's settings."""
        return {**self.settings, "PARTNER_CERTS_HOME": str(self.folder / "home")}

    @property
    def beginning(self) -> Path:
        """The home before the command."""
        return self.folder / "homes" / self.case.home

    def fresh(self) -> Path:
        """A copy of that home."""
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.beginning, home, symlinks=True)
        return home

    def finish(self, home: Path) -> float:
        """Run the command to a successful end; return the seconds."""
        began = time.monotonic()
        child = start(self.case.words, self.scratch, self.environment)
        status = self.attend(child)
        assert status == self.case.status, f"ended with {status}: {child.err.read_text()}"
        return time.monotonic() - began

    def attend(self, child: Child) -> int:
        """Wait for its end; use its browser if it has one, then stop it. The browser gives up if its desk is killed."""
        if self.case.use:
            try:
                with suppress(httpx.TransportError):
                    self.case.use(child)
            finally:
                os.kill(child.pid, signal.SIGTERM)
        return wait(child)

    def attend_refused(self, child: Child) -> int | None:
        """Like `attend`, with failing system calls; None if it did not end and was killed."""
        try:
            return self.attend(child)
        except httpx.HTTPStatusError:  # the desk says so in the page
            return wait(child)
        except AssertionError:
            return None

    def calls(self) -> list[tuple[str, int]]:
        """The system calls that change the home: name, and index among the thread's calls of that name."""
        home = self.fresh()
        child, tracer = start_traced(self.case.words, self.scratch, self.environment, "-e", f"trace={CALLS}")
        self.attend(child)
        tracer.wait()
        return changes((self.scratch / "trace").read_text(errors="replace"), str(home))

    def kill_at_moment(self, seconds: float) -> bool:
        """Kill it after some seconds and check what is left; return whether it was still running."""
        home = self.fresh()
        child = start(self.case.words, self.scratch, self.environment)
        process = os.pidfd_open(child.pid)  # its pid may be reused after its end
        killing = threading.Timer(seconds, _kill, (process,))
        killing.start()
        status = self.attend(child)
        killing.cancel()
        killing.join()
        os.close(process)
        self.prove(home)
        return status == -signal.SIGKILL

    def kill_at_call(self, call: str, number: int) -> bool:
        """Kill it at this system call and check what is left; return whether it got there."""
        home = self.fresh()
        inject = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
        child, tracer = start_traced(self.case.words, self.scratch, self.environment, *inject)
        status = self.attend(child)
        tracer.wait()
        self.prove(home)
        return status == -signal.SIGKILL

    def fail_at_call(self, call: str, number: int) -> bool:
        """Let this call fail, and check the message and what is left; return whether it did.

        strace counts per thread. If it failed another thread's call that has nothing to do with the home, only what is
        left is checked.
        """
        home = self.fresh()
        inject = ("-e", f"trace={call}", "-e", f"inject={call}:error={ERRORS[call]}:when={number}")
        child, tracer = start_traced(self.case.words, self.scratch, self.environment, *inject)
        status = self.attend_refused(child)
        tracer.wait()
        trace = (self.scratch / "trace").read_text(errors="replace")
        refused = [str(home) in line for line in trace.splitlines() if "(INJECTED)" in line]
        struck = bool(refused) and all(refused)
        if struck:
            self.prove_words(status, child.err.read_text())
        self.prove(home)
        return struck

    def prove(self, home: Path) -> None:
        """Nothing ready is lost, nothing is incomplete, and the next run of the same command succeeds."""
        left = homes.check(home, at_rest=False)
        assert left.ready in {self.before.ready, *(state.ready for state in self.done)}, "a mixture of two releases"
        assert homes.is_part(self.before.ledger, left.ledger), "a line of the ledger is lost"
        assert homes.is_part(left.ledger, self.done[0].ledger), "a line of the ledger that nobody wrote"
        self.finish(home)
        after = homes.check(home, at_rest=True)
        assert after in self.done, f"the next run made another home:\n{after}\ninstead of\n{self.done}"

    def prove_words(self, status: int | None, message: str) -> None:
        """It ended as the contract says, with a message."""
        assert status in STATUSES | {self.case.status}, f"ended with {status}: {message}"
        assert "Traceback" not in message, message
        assert "unforeseen" not in message, message
        assert "--debug" not in message, message
        assert message or status in (0, self.case.status), f"ended with {status} and says nothing"


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):  # it has ended
        signal.pidfd_send_signal(process, signal.SIGKILL)


def changes(trace: str, home: str) -> list[tuple[str, int]]:
    """The calls of a trace that change a home, each once."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], None] = {}
    for line in trace.splitlines():
        if not (match := CALL.match(line)):
            continue
        thread, name, rest = match.groups()
        counts[thread, name] += 1
        if home in rest and (name != "openat" or "O_CREAT" in rest or "O_TRUNC" in rest):
            found[name, counts[thread, name]] = None
    return [*found]
