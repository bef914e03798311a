"""Fixtures of the sources tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources.delimited.texts import written


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and return its path."""
    return lambda content, encoding="utf-8": written(tmp_path, content, encoding)
