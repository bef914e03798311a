"""What tests of sources share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources.delimited.texts import written


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file, gives its path."""
    return lambda content, encoding="utf-8": written(tmp_path, content, encoding)
