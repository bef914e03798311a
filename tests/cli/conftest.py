"""Fixtures for tests that run the command as a process."""

from pathlib import Path

import pytest

from tests.command import clean_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A clean environment, with `home` in the test's folder as home."""
    return clean_environment(PARTNER_CERTS_HOME=str(tmp_path / "home"))
