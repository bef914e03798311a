"""The cached status equals a fresh one, whatever happens meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.current import CurrentRun
from exports.home.layout import Home
from exports.home.status import run_status
from flows.review.decide import decide, undo
from flows.review.release import release
from tests.flows.review.folders import NOW, keep_run
from tests.people import person

NAMES = ("1 Contoso", "2 Fabrikam", "Northwind")
STEPS = st.sampled_from(["approve", "hold", "reject", "undo", "release", "night", "look"])


@given(steps=st.lists(st.tuples(STEPS, st.sampled_from(NAMES)), max_size=8))
def test_the_cached_status_equals_a_fresh_one(
    steps: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After any decisions, releases, nights and single accounts, read in between or not."""
    home = Home(tmp_path_factory.mktemp("home"))
    current = CurrentRun(home)
    assert current.now().status is None
    for number, (what, name) in enumerate([("night", NAMES[0]), *steps], start=1):
        _take(home, what, name, number)
        if what == "look":
            current.now()
    status = current.now().status
    assert status == run_status(home, home.manifest("latest"))


def test_each_change_has_a_new_version(tmp_path: Path) -> None:
    """Pages ask with the last version they saw."""
    home = Home(tmp_path / "home")
    current = CurrentRun(home)
    keep_run(home, {"1 Contoso": [person("Ada")]})
    first = current.now().version
    assert current.now().version == first
    decide(home, "approve", every=True, by="Jo", now=NOW)
    second = current.now().version
    assert second != first
    release(home, "latest", now=NOW)
    assert current.now().version not in (first, second)


def _take(home: Home, what: str, name: str, number: int) -> None:
    """One action of someone else."""
    now = NOW + timedelta(minutes=number)
    label = name.partition(" ")[0] if name[0].isdigit() else name
    if what == "night":
        keep_run(home, {one: [person("Ada", Phone=str(number if one == name else 0))] for one in NAMES}, number=number)
    elif what == "approve":
        decide(home, "approve", accounts=[label], by="Jo", reason="so", now=now)
    elif what in ("hold", "reject"):
        decide(home, "hold" if what == "hold" else "reject", accounts=[label], by="Jo", reason="so", now=now)
    elif what == "undo":
        undo(home, accounts=[label], by="Jo", now=now)
    elif what == "release" and any(
        one.decision == "approved" for one in run_status(home, home.manifest("latest")).accounts
    ):
        release(home, "latest", now=now)
