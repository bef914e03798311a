"""Commands at the same time on one home: each ends as the contract says, and the home is whole."""

import os
import random
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from tests.torture import homes
from tests.torture.bench import STATUSES
from tests.torture.cases import Case
from tests.torture.warm import Child, start, wait


def run_together(cases: Sequence[Case], folder: Path, settings: Mapping[str, str]) -> None:
    """Start them at once on one home; check exit statuses and the home. Browsers are used meanwhile."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(folder / "homes" / "decided", home, symlinks=True)
    before = homes.check(home, at_rest=True)
    environment = {**settings, "PARTNER_CERTS_HOME": str(home)}
    children = [(case, _started(case, number, folder, environment)) for number, case in enumerate(cases)]
    for case, child in children:
        if case.use:
            with suppress(httpx.HTTPError):  # refused if others decided meanwhile
                case.use(child)
    for case, child in sorted(children, key=lambda pair: pair[0].use is not None):
        if case.use:
            os.kill(child.pid, signal.SIGTERM)
        status, errors = wait(child), child.err.read_text()
        assert status in STATUSES or (case.use and status == case.status), f"{case.name} ended with {status}: {errors}"
        assert status != 1, f"{case.name}: {errors}"
        assert "Traceback" not in errors, errors
    after = homes.check(home, at_rest=True)
    assert homes.is_part(before.ledger, after.ledger), "a line of the ledger is lost"


def pairs(cases: Sequence[Case]) -> list[tuple[Case, Case]]:
    """Any two, and each command twice."""
    return [(one, other) for place, one in enumerate(cases) for other in cases[place:]]


def crowd(cases: Sequence[Case], chance: random.Random, size: int) -> list[Case]:
    """Many at once, with one desk."""
    desks = [case for case in cases if case.use]
    return [*desks, *chance.choices([case for case in cases if not case.use], k=size)]


def _started(case: Case, number: int, folder: Path, environment: Mapping[str, str]) -> Child:
    scratch = folder / f"scratch-{number}"
    if not scratch.exists():
        shutil.copytree(folder / "scratch", scratch)
    return start(case.words, scratch, environment)
