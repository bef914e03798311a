"""Which decision is in force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.home.decisions import in_force
from exports.home.ledger import What
from tests.exports.home.ledger_lines import A, B, line


@pytest.mark.parametrize(
    ("lines", "run", "expected"),
    [
        ("", "r1", {}),
        ("approve A r1", "r2", {A: "approve"}),
        ("approve A r1, approve B r1", "r1", {A: "approve", B: "approve"}),
        ("approve A r1, reject A r2", "r3", {A: "reject"}),
        ("approve A r1, undo A r1", "r1", {}),
        ("hold A r1", "r1", {A: "hold"}),
        ("hold A r1", "r2", {}),
        ("approve A r1, hold A r2", "r3", {}),
        ("approve A r1, release A r1", "r2", {}),
        ("approve A r1, approve B r2, release B r2", "r1", {}),
        ("reject A r1, release B r2", "r3", {A: "reject"}),
        ("approve - r1", "r2", {None: "approve"}),
        ("reject - r1", "r2", {None: "reject"}),
        ("approve - r1, release B r2", "r3", {}),
        ("reject - r1, release B r2", "r3", {}),
    ],
)
def test_the_decision_in_force(lines: str, run: str, expected: dict[str | None, str]) -> None:
    """The last on these bytes; a hold in its run only; an approval until the release."""
    shas = {"A": A, "B": B, "-": None}
    written = [line(what, shas[sha], in_run) for what, sha, in_run in map(str.split, filter(None, lines.split(", ")))]
    decisions_in_force = in_force(written, run)
    assert {subject.sha256: one["what"] for subject, one in decisions_in_force.items()} == expected
    assert {subject.account for subject in decisions_in_force} <= {("id", "1")}


@given(st.lists(st.tuples(st.sampled_from(["approve", "hold", "reject", "undo"]), st.sampled_from([A, B, None]))))
def test_the_last_decision_on_the_bytes_counts(decisions: list[tuple[What, str | None]]) -> None:
    """A new one replaces it, undo removes it, other bytes are separate."""
    decisions_in_force = in_force([line(what, sha) for what, sha in decisions], "r1")
    last = {sha: what for what, sha in decisions}
    assert {one.sha256: decision["what"] for one, decision in decisions_in_force.items()} == {
        sha: what for sha, what in last.items() if what != "undo"
    }
