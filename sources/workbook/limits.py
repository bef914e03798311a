"""Limits for the process that reads a workbook: its memory, because fastexcel eats memory on some damaged files, and
its life, which ends with its parent's.
"""

import os
import resource
import sys
import threading
import time

RESIDENT = 1800 << 20  # bytes of resident memory; a million people take about 1,700 MiB
ADDRESSES = 5 << 30  # bytes of address space, in case memory grows too fast to be watched;
OLE_ADDRESSES = 7 << 28  # less for old workbooks, where that happens, and whose sheets have at most 65,536 rows
WATCHED_EVERY = 0.05  # seconds


def limit_memory(addresses: int) -> None:
    """End this process when it exceeds its memory, or when its parent has ended. addresses: bytes of address space."""
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
