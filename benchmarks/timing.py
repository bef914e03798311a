"""Runs whole processes in turn and measures their cost: wall time, CPU time, peak memory. Prints nothing."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Job:
    """One row of a table. fresh: removed before each run. check: the arguments of `check.py` after each."""

    name: str
    command: Sequence[str | Path]
    answer: Path  # where standard output goes
    fresh: Path | None = None
    check: Sequence[str | Path] = field(default=())


class Cost(NamedTuple):
    """The cost of one run: wall and CPU seconds (including its child processes), and MiB of the largest process."""

    wall: float
    cpu: float
    peak: float


def rounds(jobs: Sequence[Job], count: int) -> dict[str, list[Cost]]:
    """Run each job once per round, so that a machine that is busy for a while slows all of them down."""
    costs: dict[str, list[Cost]] = {job.name: [] for job in jobs}
    for _ in range(count):
        for job in jobs:
            costs[job.name].append(run(job))
    return costs


def run(job: Job) -> Cost:
    """Run it once and check its output. SystemExit if it fails or is wrong."""
    if job.fresh:
        shutil.rmtree(job.fresh, ignore_errors=True)
    os.sync()  # so that it does not pay for what the one before wrote
    cost = _measured(job)
    if job.check:
        check = [sys.executable, ROOT / "benchmarks" / "check.py", *job.check]
        if subprocess.run(check, check=False).returncode:
            raise SystemExit(f"{job.name}: a wrong result is no measurement")
    return cost


# ----------------------------------------------------------------------------------------------------------------------


def _measured(job: Job) -> Cost:
    errors = job.answer.with_suffix(".errors")
    with job.answer.open("wb") as out, errors.open("wb") as err:
        began = time.perf_counter()
        with subprocess.Popen(
            job.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=_environment(), cwd=job.answer.parent
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{job.name} ended with status {process.returncode}:\n{errors.read_text()[-2000:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def _environment() -> dict[str, str]:
    """The environment without settings, so that no Prefect server records runs and no other home is used."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PARTNER_CERTS_", "PREFECT_"))}
