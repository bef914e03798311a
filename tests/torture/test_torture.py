"""A share of the torture in every test run; `make torture` does all of it."""

import subprocess
import sys

from tests.command import clean_environment


def test_a_share_of_the_torture() -> None:
    """In its own process, because polars must not have run in one that forks."""
    command = [sys.executable, "-m", "tests.torture", "--share"]
    result = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("struck     1") >= 10, result.stdout
