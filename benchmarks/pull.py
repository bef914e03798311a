"""How fast a pull is against a server that takes half a second for a page of 500, and how much memory it needs.

    python benchmarks/pull.py [--users 35000] [--latency 0.5] [--size 500] [--concurrency 4]

The server is the sandbox, in a process of its own; every answer takes that long. Printed are the seconds of the pull
(from the call to the frame, with `_describe`, the proof of tenant and the last count), their ratio to pages x latency /
concurrency, which must be at most 1.25, and the peak memory of the whole pulling process.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

SERVER = """
import json, sys
from sources.sandbox import serve
options = json.loads(sys.argv[1])
serve(**options, accounts=250, started=lambda it: print(json.dumps([it.url, it.key, it.proof]), flush=True))
"""


def main() -> None:
    """Start the server, pull once, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=35_000)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=4)
    asked = parser.parse_args()
    options = json.dumps({"users": asked.users, "latency": asked.latency, "maximum": asked.size})
    with subprocess.Popen([sys.executable, "-c", SERVER, options], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101  it is a pipe
            url, key, proof = json.loads(server.stdout.readline())
            _measure(url, key, tuple(proof), asked)
        finally:
            server.terminate()


def _measure(url: str, key: str, proof: tuple[str, str], asked: argparse.Namespace) -> None:
    from sources.impartner import Connection, pull

    connection = Connection(url, key, proof=proof, page_size=asked.size, concurrency=asked.concurrency)
    began = time.monotonic()
    export = pull(connection)
    spent = time.monotonic() - began
    floor = asked.users / asked.size * asked.latency / asked.concurrency
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert export.frame.height == asked.users  # noqa: S101  a wrong result is no measurement
    print(f"{export.frame.height} users in {spent:.2f} s; floor {floor:.2f} s; ratio {spent / floor:.3f}")
    print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
