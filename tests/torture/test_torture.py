"""A share of the torture in each test run; `make torture` does all of it."""

import subprocess
import sys

from tests.command import clean_environment


def test_a_share_of_the_torture() -> None:
    """A process of its own: polars must not have been at work in it."""
    command = [sys.executable, "-m", "tests.torture", "--share"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("struck     1") >= 10, done.stdout
