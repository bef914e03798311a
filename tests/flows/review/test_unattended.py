"""Approving without a reviewer."""

from pathlib import Path

import pytest

from exports.home import ledger
from exports.home.layout import Home
from flows.review.unattended import approve_unattended
from tests.flows.review.deciding import ADA, BOB, TEN, first
from tests.flows.review.folders import NOW, keep_run
from tests.people import SA, person


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("none", set()),
        ("gains", {"Few gain"}),
        ("valid", {"Few gain", "Many gain", "Loses", "Leaves", "New", "Gone"}),
    ],
)
def test_policies_of_unattended_nights(home: Home, policy: str, expected: set[str]) -> None:
    """What each approves; the ledger has it as the author."""
    labels = ("1 Few gain", "2 Many gain", "3 Loses", "4 Leaves", "5 Gone", "6 Same")
    first(home, {label: [*TEN, ADA] for label in labels})
    keep_run(
        home,
        {
            "1 Few gain": [*TEN[1:], person("P0", courses=SA, Phone="1"), ADA, BOB],
            "2 Many gain": [*TEN[3:], *(person(f"P{number}", courses=SA) for number in range(3)), ADA],
            "3 Loses": [*TEN, person("Ada")],
            "4 Leaves": TEN,
            "6 Same": [*TEN, ADA],
            "8 New": [ADA],
        },
        held=[("7 Held", 2)],
        number=2,
    )
    done = approve_unattended(home, "latest", policy, NOW)  # type: ignore[arg-type]  one of the three
    assert {one["account"] for one in done["decided"]} == expected
    assert done["waiting"] == 6 - len(expected)
    lines = [(one["by"], one["reason"]) for one in ledger.read(home) if one["run"] == done["run"]]
    assert set(lines) == ({(policy, f"--approve-unattended {policy}")} if expected else set())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)
