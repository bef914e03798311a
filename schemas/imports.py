"""Importing a package without its optional dependencies, because loading what nobody uses costs people time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Imports inside act as if these modules were not installed; those already imported stay."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # None is what Python's import system documents
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
