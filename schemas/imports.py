"""Importing a package without what it only takes if it is installed: what nobody uses takes a person's time too."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Import as if these modules were not installed; those that are imported already stay."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # None is what Python's import system documents
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
