"""A folder in memory for what tests write: to sync it costs nothing, and what a killed process wrote is not lost."""

import os
import shutil

PLACE = "/dev/shm"  # noqa: S108  folders of our own are made in it
ENOUGH = 1 << 30  # bytes


def folder_in_memory() -> str | None:
    """Linux's, if there is room."""
    is_there = os.access(PLACE, os.W_OK) and shutil.disk_usage(PLACE).free > ENOUGH
    return PLACE if is_there else None
