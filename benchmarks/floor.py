"""The floor: read the export and write finished bytes, each report under a temporary name, then renamed.

    floor.py EXPORT FINISHED OUT [ACCOUNT]

Nothing that makes reports and writes them like this can be faster. FINISHED comes from `make.py`. The program writes
differently (one rename for all reports), and syncs, which this does not.
"""

import mmap
import os
import sys


def main() -> None:
    """Read, write, rename."""
    export, finished, out, *only = sys.argv[1:]
    with open(export, "rb", buffering=0) as file:
        file.read()
    os.makedirs(out)
    with open(finished, "rb") as blob, mmap.mmap(blob.fileno(), 0, access=mmap.ACCESS_READ) as reports:
        start = 0
        for line in open(finished + ".names"):  # noqa: SIM115  the process ends with it
            length, _, account = line.rstrip("\n").partition(" ")
            end = start + int(length)
            if not only or account in only:
                _put(f"{out}/{account}.csv", reports[start:end])
            start = end


def _put(path: str, data: bytes) -> None:
    with open(path + ".tmp", "wb", buffering=0) as file:
        file.write(data)
    os.rename(path + ".tmp", path)


if __name__ == "__main__":
    main()
