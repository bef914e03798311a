"""How fast a pull is from a server that takes 0.3 s for a page of 500, and how much memory it needs.

    python -m benchmarks.pull [--users 35000] [--latency 0.3] [--size 500] [--concurrency 4]

The server is the sandbox, in a separate process; every answer takes that long. Prints the seconds of the pull (from the
call to the frame, with `_describe`, the proof of the tenant, the accounts and the last count), their ratio to pages x
latency / concurrency, which may be 1.25, and the peak memory of the whole pulling process.
"""

import argparse
import gc
import resource
import time

from benchmarks.sandbox import Slow, sandbox
from sources.impartner.connection import Connection
from sources.impartner.pull import pull


def main() -> None:
    """Start the server, pull once, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=35_000)
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    with sandbox(users=options.users, accounts=250, latency=options.latency, maximum=options.size) as slow:
        _measure(slow, options)


# ----------------------------------------------------------------------------------------------------------------------


def _measure(slow: Slow, options: argparse.Namespace) -> None:
    connection = Connection(
        slow.url, slow.key, proof=slow.proof, page_size=options.size, concurrency=options.concurrency
    )
    gc.disable()  # as the command does: see cli/main.py
    began, spent = time.monotonic(), time.process_time()
    export = pull(connection)
    seconds, processor = time.monotonic() - began, time.process_time() - spent
    floor = options.users / options.size * options.latency / options.concurrency
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert export.frame.height == options.users  # noqa: S101  a wrong result is no measurement
    print(f"{export.frame.height} users in {seconds:.2f} s; floor {floor:.2f} s; ratio {seconds / floor:.3f}")
    print(f"{processor:.2f} s of processors; peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
