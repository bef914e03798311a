"""What each stage of a nightly run costs, in one process: where to look when `python -m benchmarks` is disappointing.

    python -m benchmarks.stages EXPORT [--released EXPORT] [--dir DIR]

The made exports lie in the DIR of `python -m benchmarks`. With --released, partners have the reports of that export
already: `compare` then finds what changed, and makes the page of it. A stage begins where the one before ended and pays
for what is imported meanwhile: `read` for polars, `check` for pandera. `end` is what follows on the last one: the sync,
and the rename of the run's folder. Peak is that of the process so far. The home is made in DIR (default: the folder for
temporary files) and removed.
"""

import argparse
import gc
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from cli.main import MEMORY
from exports.home.layout import Home
from flows.approvals import approve_and_release
from flows.certify import Job, certify
from sources.downloads import read

P = ParamSpec("P")
T = TypeVar("T")


def main() -> None:
    """Run the pipeline once, and print a row after each stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--released", type=Path)
    parser.add_argument("--dir", type=Path)
    options = parser.parse_args()
    gc.disable()  # both as the command has it
    os.environ.setdefault("_RJEM_MALLOC_CONF", MEMORY)
    with tempfile.TemporaryDirectory(dir=options.dir, prefix="stages-") as folder:
        home = Home(Path(folder))
        if options.released:
            outcome = certify(_nightly(options.released), home)
            approve_and_release(home, outcome.run, "bench")
        print(f"{'':10}{'wall s':>10}{'cpu s':>10}{'peak MiB':>10}")
        began = now = _spent()

        def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            nonlocal now
            done = function(*args, **kwargs)
            before, now = now, _spent()
            _print_times(name, before, now)
            return done

        certify(_nightly(options.export), home, step)
        end = _spent()
        _print_times("end", now, end)
        _print_times("all", began, end)


# ----------------------------------------------------------------------------------------------------------------------


def _nightly(export: Path) -> Job:
    return Job("nightly", lambda: read(export), file=export)


def _spent() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _print_times(name: str, before: tuple[float, float], after: tuple[float, float]) -> None:
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(f"{name:10}{after[0] - before[0]:10.3f}{after[1] - before[1]:10.3f}{peak:10.0f}", flush=True)


if __name__ == "__main__":
    main()
