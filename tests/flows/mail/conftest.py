"""The home of most tests of mails."""

from pathlib import Path

import pytest

from exports.home.layout import Home
from tests.flows.mail.homes import release_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready since 2026-11-22, 08:30."""
    made = Home(tmp_path / "home")
    release_run(made)
    return made
