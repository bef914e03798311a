"""Shared by all tests: marks and order, parallel runs, common fixtures, and no settings of this machine."""

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

# The same examples every time, so that runs are reproducible. To try more:
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
LONGEST = (  # these start first, so that no process is left with one of them at the end
    ORCHESTRATION,
    "tests/desk/test_morning_page.py",
    "tests/sources/impartner/",  # these mostly wait, so others use the processors meanwhile
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
    """Put temporary folders into memory, because each run syncs its whole file system."""
    if memory := folder_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)


def pytest_collection_finish() -> None:
    """Exempt everything imported so far from garbage collection, and collect less often: tests keep little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that need a browser or Prefect's server, and start with the longest."""
    for item in items:
        for mark in {MARKS[name] for name in getattr(item, "fixturenames", ()) if name in MARKS}:
            item.add_marker(mark)
    places = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(
        key=lambda item: min((places[one] for one in LONGEST if item.nodeid.startswith(one)), default=len(LONGEST))
    )


def pytest_xdist_auto_num_workers() -> int:
    """One process per core, and one more, as Prefect's tests mostly wait."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Distribute the tests by file."""
    return _ByFile(config, log)


class _ByFile(LoadScopeScheduling):
    """One process for each file, whose tests share a browser, and one for all that share Prefect's server."""

    def _split_scope(self, nodeid: str) -> str:
        return ORCHESTRATION if nodeid.startswith(ORCHESTRATION) else nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Dovecot]:
    """A mail server; any user has a mailbox."""
    if PROGRAM is None:
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    with dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """The command, run in forks."""
    with waiting_commands() as process:
        yield process


@pytest.fixture(scope="session", autouse=True)
def _as_installed() -> None:
    """Hide Hypothesis from processes that tests start, as pandera would import it."""
    os.environ["PYTHONPATH"] = str(Path(__file__).with_name("as_installed"))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PARTNER_CERTS_"):
            monkeypatch.delenv(name)
