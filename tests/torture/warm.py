"""The command in processes that have imported everything: forked, so that thousands of runs take minutes.

polars' threads don't survive a fork once it has run. So nothing here, nor its users, may run it: whatever needs it
is done in a child.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

PR_SET_PDEATHSIG = 1  # of Linux
CAPABILITIES_3 = 0x2008_0522  # the version of what capget and capset take
OVER_FILES = 0b1110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER: root's power over permissions
PATIENCE = 240.0  # seconds; ample
MODULES = (
    *(
        "cli.app",
        "cli.jobs",
        "cli.review",
        "cli.mail",
        "cli.history",
        "cli.prune",
        "cli.overview",
        "cli.contacts",
        "cli.desk",
        "cli.runs",
    ),
    *("flows.steps", "flows.review.build", "flows.addresses", "flows.approvals", "sources.delimited.read"),
    *(f"pandera.backends.polars.{name}" for name in ("container", "components", "checks", "builtin_checks")),
    *("filelock", "httpx", "truststore"),
)


class Child(NamedTuple):
    """A running or finished command: its process, and the files of its streams."""

    pid: int
    out: Path
    err: Path


def warm_up() -> None:
    """Import what the commands will need."""
    for module in MODULES:
        import_module(module)


def start(
    words: Sequence[str],
    scratch: Path,
    settings: Mapping[str, str],
    *,
    stopped: bool = False,
    powers: bool = True,
    streams: Path | None = None,
    terminal: str = "",
) -> Child:
    """Start the command, under a umask that hides no mistake. stopped: it waits for SIGCONT before it does anything.

    Without powers, the modes of files count for it though it is root. streams: where `out` and `err` go, if not into
    the scratch. terminal: the device that it is controlled by, instead of streams.
    """
    scratch.mkdir(exist_ok=True)
    child = Child(0, (streams or scratch) / "out", (streams or scratch) / "err")
    child.out.unlink(missing_ok=True)  # what is read there is this command's
    pid = os.fork()
    if pid:
        if stopped:
            os.waitpid(pid, os.WUNTRACED)
        return child._replace(pid=pid)
    try:
        _become(child, words, scratch, settings, terminal)
        if not powers:
            _give_powers_up()
        if stopped:
            os.kill(os.getpid(), signal.SIGSTOP)
        import_module("cli.main").main()
    finally:
        os._exit(70)


def wait(child: Child, seconds: float = PATIENCE) -> int:
    """The exit status, negative for a signal. Kills it and raises AssertionError if it takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(child.pid, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    kill(child)
    raise AssertionError(f"{child} did not end")


def has_ended(child: Child) -> bool:
    """Whether it has ended; it can still be waited for."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill(child: Child) -> int:
    """Kill it if it is running; return its exit status."""
    os.kill(child.pid, signal.SIGKILL)  # it has not been waited for: its number is nobody else's
    _, status = os.waitpid(child.pid, 0)
    return os.waitstatus_to_exitcode(status)


def run(words: Sequence[str], scratch: Path, settings: Mapping[str, str]) -> int:
    """Run the command to its end."""
    return wait(start(words, scratch, settings))


def start_traced(
    words: Sequence[str], scratch: Path, settings: Mapping[str, str], *options: str, streams: Path | None = None
) -> tuple[Child, "subprocess.Popen[bytes]"]:
    """The command under strace, which writes `trace` into the scratch folder."""
    child = start(words, scratch, settings, stopped=True, streams=streams)
    log = scratch / "trace"
    command = ["strace", "-f", "-y", "-qq", "-s", "16", "-o", str(log), *options, "-p", str(child.pid)]
    tracer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{child.pid}/status")
    while f"TracerPid:\t{tracer.pid}\n" not in status.read_text():
        assert tracer.poll() is None, "strace ended"
        time.sleep(0.001)
    os.kill(child.pid, signal.SIGCONT)
    return child, tracer


def _become(child: Child, words: Sequence[str], scratch: Path, settings: Mapping[str, str], terminal: str) -> None:
    """Set what a shell sets for a command: arguments, streams, environment, working directory."""
    made = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = [(os.devnull, os.O_RDONLY), (child.out, made), (child.err, made)]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # whatever becomes of the harness, nothing is left of it
    os.setsid()
    os.umask(0)
    os.chdir(scratch)
    for number, (path, flags) in enumerate([(terminal, os.O_RDWR)] * 3 if terminal else streams):
        descriptor = os.open(path, flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    for name in [*os.environ]:
        if name.startswith(("PARTNER_CERTS_", "PREFECT_")):
            del os.environ[name]
    os.environ.update(settings)
    sys.argv = ["partner-certs", *words]


def _give_powers_up() -> None:
    libc, sets = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, twice
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    assert libc.capget(header, sets) == 0
    sets[0] &= ~OVER_FILES
    sets[1] &= ~OVER_FILES
    assert libc.capset(header, sets) == 0
