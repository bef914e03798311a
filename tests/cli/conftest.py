"""What tests of the command as a process share."""

from pathlib import Path

import pytest

from tests.command import clean_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Nothing of this machine's settings; the home is `home` in the test's folder."""
    return clean_environment(PARTNER_CERTS_HOME=str(tmp_path / "home"))
