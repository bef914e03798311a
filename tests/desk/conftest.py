"""Fixtures of the desk's tests: a home in the morning, and a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from exports.home.layout import Home
from tests.desk.desks import morning

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 90_000  # milliseconds; ample for a busy machine


@pytest.fixture(scope="session")
def morning_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that tests copy."""
    return morning(tmp_path_factory.mktemp("morning") / "home").root


@pytest.fixture
def home(morning_template: Path, tmp_path: Path) -> Home:
    """Yesterday's reports are ready, today's night waits."""
    shutil.copytree(morning_template, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file, each with its own context."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET, timeout=PATIENCE)
        yield browser
        browser.close()
