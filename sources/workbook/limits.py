"""Limits for the process that reads a workbook: how much memory it takes, and that it does not outlive its parent.

The library grows without end on some damaged files.
"""

import os
import resource
import sys
import threading
import time

RESIDENT = 1800 << 20  # bytes that the process may hold; a million people take some 1,700 MiB
ADDRESSES = 5 << 30  # bytes of address space, for a library that grows too fast to be watched;
OLE_ADDRESSES = 7 << 28  # fewer for the old container, where it is known to, and which holds 65,536 rows a sheet
WATCHED_EVERY = 0.05  # seconds


def limit_memory(addresses: int) -> None:
    """End this process before it takes more memory than it may, or when the one that started it has ended."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        addresses = min(addresses, most)
    resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


# ----------------------------------------------------------------------------------------------------------------------


def _watch(parent: int) -> None:
    unit = 1 if sys.platform == "darwin" else 1024
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < RESIDENT and os.getppid() == parent:
        time.sleep(WATCHED_EVERY)
    os._exit(1)
