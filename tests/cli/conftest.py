"""Fixtures for tests that run the command: as a process, or in this one."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.app import app
from tests.cli.invoking import Invoke
from tests.command import clean_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A clean environment, with `home` in the test's folder as home."""
    return clean_environment(PARTNER_CERTS_HOME=str(tmp_path / "home"))


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run the command in an empty folder, with `home` there as home; check its status and that stderr has no secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PARTNER_CERTS_HOME", str(tmp_path / "home"))

    def run(*words: object, status: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        assert "secret" not in result.stderr.lower()
        return result

    return run
