"""What all tests share: how property tests are run, and that no setting of this machine gets into a test."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.commands import Commands, waiting_commands
from tests.mailbox import PROGRAM, Dovecot, dovecot
from tests.memory import folder_in_memory

# The same examples every time: a test run says something about the program, not about luck. To look for more:
# HYPOTHESIS_PROFILE=explore .venv/bin/pytest tests/flows/test_certify_properties.py, with EXAMPLES=150 for fewer
_slow_is_fine = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "quick", max_examples=10, deadline=None, derandomize=True, suppress_health_check=_slow_is_fine
)
settings.register_profile(
    "explore", max_examples=int(os.environ.get("EXAMPLES", "1000")), deadline=None, suppress_health_check=_slow_is_fine
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# Slow tests are marked by what they need: `-m "not browser and not prefect"` leaves them out
MARKS = {"browser": "browser", "served": "prefect"}  # fixture -> mark
ORCHESTRATION = "tests/flows/orchestration/"  # the tests that share one Prefect server
LONGEST = (  # they begin first, so that no process is still at one of them when the others have done all
    ORCHESTRATION,
    "tests/desk/test_morning_page.py",
    "tests/flows/test_certify_properties.py",
    "tests/torture/",
    "tests/cli/",
    "tests/desk/",
    "tests/benchmarks/",
    "tests/deploy/",
    "tests/fuzz/",
    "tests/flows/",
    "tests/exports/",
    "tests/sources/",
)


def pytest_configure() -> None:
    """A run syncs the file system that its home is on, with all that other tests write: so it is one in memory."""
    if memory := folder_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)


def pytest_collection_finish() -> None:
    """What is there by now stays: nobody needs to look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or Prefect's server, and begin with what takes longest."""
    for item in items:
        for mark in {MARKS[name] for name in getattr(item, "fixturenames", ()) if name in MARKS}:
            item.add_marker(mark)
    places = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(
        key=lambda item: min((places[one] for one in LONGEST if item.nodeid.startswith(one)), default=len(LONGEST))
    )


def pytest_xdist_auto_num_workers() -> int:
    """One process a processor, and one more: that of Prefect's tests waits for most of its time."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Spread the tests over the processes."""
    return _ByFile(config, log)


class _ByFile(LoadScopeScheduling):
    """The tests of one file run in one process, for they share a browser; so do all that share Prefect's server."""

    def _split_scope(self, nodeid: str) -> str:
        return ORCHESTRATION if nodeid.startswith(ORCHESTRATION) else nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Dovecot]:
    """A mailbox for whoever names a user; it starts in a moment."""
    if PROGRAM is None:
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    with dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """The command without its start."""
    with waiting_commands() as process:
        yield process


@pytest.fixture(scope="session", autouse=True)
def _as_installed() -> None:
    """Processes that tests start have what an installation has: pandera would import Hypothesis, if it were there."""
    os.environ["PYTHONPATH"] = str(Path(__file__).with_name("as_installed"))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PARTNER_CERTS_"):
            monkeypatch.delenv(name)
