"""Pruning: after any sequence nothing that is guaranteed is gone, killed at any moment a run is whole or not there."""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.home import ledger, prune, ready
from exports.home.layout import Home, Manifest
from exports.home.prune import prune as remove_runs
from exports.home.status import run_status
from flows.history import Ready, history, note_sent, ready_on
from flows.review.decide import decide
from flows.review.release import release
from schemas.errors import NoSuchAccount, NotAllowed
from tests.examples import few
from tests.flows.review.folders import NOW, keep_run
from tests.people import person

NAMES = ("1 Contoso", "2 Fabrikam", "Litware")


def day(number: int) -> datetime:
    """The moment, some hours after the run of that number."""
    return NOW + timedelta(days=number, hours=6)


def stage(home: Home, number: int, versions: Mapping[str, int], kind: str = "nightly") -> str:
    """A run in which each account has the people of a version."""
    accounts = {name: [person("Ada", courses="", Phone=str(version))] for name, version in versions.items()}
    return str(keep_run(home, accounts, number=number, kind=kind)["run"])


def approve(home: Home, run: str, number: int) -> None:
    """Everything that needs it."""
    decide(home, "approve", run, every=True, by="rev", reason="right", older=True, now=day(number))


def put_out(home: Home, run: str, number: int) -> None:
    """Approve and release."""
    approve(home, run, number)
    release(home, run, by="rev", reason="right", older=True, now=day(number))


def pruned(home: Home, number: int, keep: int = 90, keep_sent: int = 365, **more: Any) -> prune.Pruned:
    """What pruning on a day removes."""
    return remove_runs(home, timedelta(days=keep), timedelta(days=keep_sent), day(number), **more)


def test_each_guarantee_keeps_its_run(tmp_path: Path) -> None:
    """Ready, newest, approved, ready lately, sent lately; others go, and a dry run says so and removes nothing."""
    home = Home(tmp_path)
    first = stage(home, 1, {"1 Contoso": 1, "2 Fabrikam": 1})
    put_out(home, first, 1)
    second = stage(home, 2, {"1 Contoso": 2, "2 Fabrikam": 1})
    put_out(home, second, 2)
    unused = stage(home, 3, {"1 Contoso": 3, "2 Fabrikam": 1})
    alone = stage(home, 4, {"1 Contoso": 4}, "account")
    put_out(home, alone, 4)
    approved = stage(home, 5, {"1 Contoso": 5, "2 Fabrikam": 1})
    approve(home, approved, 5)
    newest = stage(home, 6, {"1 Contoso": 6, "2 Fabrikam": 1})
    before = home.ledger.read_bytes()
    assert pruned(home, 20, keep=90)["removed"] == []
    assert pruned(home, 500, dry_run=True)["removed"] == [second, unused]
    assert {path.name for path in home.runs.iterdir()} == {first, second, unused, alone, approved, newest}
    assert pruned(home, 200, keep_sent=365)["removed"] == [unused]
    note_sent(home, "Fabrikam", to=["a@x.example"], by="me", day=day(2).date(), now=day(3))
    removed = pruned(home, 500)
    assert (removed["removed"], removed["kept"]) == ([second], 4)
    assert home.ledger.read_bytes()[: len(before)] == before
    assert {path.name for path in home.runs.iterdir()} == {first, alone, approved, newest}


def test_a_mail_keeps_what_it_carried(tmp_path: Path) -> None:
    """Also where it was noted long after the report had been replaced."""
    home = Home(tmp_path)
    first = stage(home, 1, {"1 Contoso": 1})
    put_out(home, first, 1)
    put_out(home, stage(home, 10, {"1 Contoso": 2}), 10)
    note_sent(home, "Contoso", to=["a@x.example"], by="me", day=day(5).date(), now=day(400))
    assert pruned(home, 370)["removed"] == []
    assert pruned(home, 371, keep_sent=365)["removed"] == []
    assert pruned(home, 376)["removed"] == [first]


def test_an_account_of_which_no_run_is_left_still_has_its_history(tmp_path: Path) -> None:
    """The ledger names it; what was ready is known by its hash."""
    home = Home(tmp_path)
    put_out(home, stage(home, 1, {"1 Contoso": 1, "2 Fabrikam": 1}), 1)
    put_out(home, stage(home, 2, {"1 Contoso": 2, "2 Fabrikam": 2}), 2)
    put_out(home, stage(home, 3, {"1 Contoso": 3}), 3)
    before = history(home, "Fabrikam")["events"]
    assert len(pruned(home, 500)["removed"]) == 2
    after = history(home, "fabrikam")
    assert (after["account"], after["account_id"]) == ("Fabrikam", "2")
    assert [one["what"] for one in before] == ["released", "released", "removed"]
    assert after["events"] == [one | {"rows": None} for one in before]
    assert ready_on(home, "2", day(1).date())["file"] is None
    with pytest.raises(NoSuchAccount, match="Did you mean 'Contoso'"):
        history(home, "Contosso")


def test_bytes_are_those_that_become_free(tmp_path: Path) -> None:
    """A report that another run has too, as a link, stays on the disk."""
    home = Home(tmp_path)
    first, second = (stage(home, number, {"1 Contoso": 1}) for number in (1, 2))
    report = "reports/certifications-contoso-1.csv"
    (home.runs / second / report).unlink()
    (home.runs / second / report).hardlink_to(home.runs / first / report)
    manifest = (home.runs / first / "manifest.json").stat().st_size
    assert pruned(home, 500, dry_run=True) == {"removed": [first], "kept": 1, "bytes": manifest}
    assert pruned(home, 500) == {"removed": [first], "kept": 1, "bytes": manifest}
    assert (home.runs / second / report).exists()


def test_killed_while_removing_a_run_has_never_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it left is no run, and the next one takes it away."""
    home = Home(tmp_path)
    runs = [stage(home, number, {"1 Contoso": number}) for number in (1, 2, 3)]

    def killed(path: Path) -> None:
        (path / "manifest.json").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            pruned(home, 500)
    assert [manifest["run"] for manifest in home.manifests()] == runs[:0:-1]
    assert pruned(home, 500)["removed"] == [runs[1]]
    assert [path.name for path in home.runs.iterdir()] == [runs[2]]


def test_where_something_is_damaged_nothing_is_removed(tmp_path: Path) -> None:
    """Neither with a damaged manifest nor a damaged ledger; nothing is made where there is no home."""
    home = Home(tmp_path / "home")
    assert pruned(home, 500) == {"removed": [], "kept": 0, "bytes": 0}
    assert not home.root.exists()
    runs = [stage(home, number, {"1 Contoso": number}) for number in (1, 2)]
    home.ledger.write_text("{}\n")
    with pytest.raises(NotAllowed, match="Line 1"):
        pruned(home, 500)
    home.ledger.unlink()
    (home.runs / runs[0] / "manifest.json").write_text("{")
    with pytest.raises(NotAllowed, match="damaged"):
        pruned(home, 500)
    assert len([*home.runs.iterdir()]) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["nightly", "account"]),
        st.integers(1, 60),  # days since the step before
        st.lists(st.integers(0, 2), min_size=3, max_size=3),  # each account's version; 0: it is not there
        st.sampled_from(["nothing", "approve", "release", "send"]),
    ),
    min_size=1,
    max_size=7,
)


@few(12)
@given(steps=STEPS, keep=st.integers(0, 120), keep_sent=st.integers(0, 200))
def test_after_any_sequence_nothing_that_is_guaranteed_is_gone(
    steps: list[tuple[str, int, list[int], str]], keep: int, keep_sent: int
) -> None:
    """And what was ready on a day is found as before, as long as it is to be kept."""
    with TemporaryDirectory() as folder:
        home, number = Home(Path(folder)), 0
        for kind, days, versions, then in steps:
            number += days
            there = {name: version for name, version in zip(NAMES, versions, strict=True) if version}
            if kind == "account":
                there = dict([*there.items()][:1])
            run = stage(home, number, there, kind)
            if then != "nothing":
                approve(home, run, number)
            if then in ("release", "send"):
                release(home, run, by="rev", reason="right", older=True, now=day(number))
            if then == "send":
                for row in ready.rows(home)[:1]:
                    note_sent(home, row["account"], to=["a@x.example"], by="me", day=None, now=day(number))
        now = number + 30
        newest, rows, lines = home.newest_nightly(), ready.rows(home), ledger.read(home)
        approved = {manifest["run"] for manifest in home.manifests() if _has_approved(home, manifest)}
        young = {end.run for end, _ in home.ends() if end.finished >= f"{day(now) - timedelta(days=keep):%Y-%m-%dT%H}"}
        days = range(max(1, now - keep_sent), now + 1, 11)
        were = {(name, at): _ready(home, name, at) for name in NAMES for at in days}
        pruned(home, now, keep, keep_sent)
        left = {end.run for end, _ in home.ends()}
        assert {row["run"] for row in rows} | young | approved | ({newest.run} if newest else set()) <= left
        assert ready.altered(home) == []
        assert ledger.read(home) == lines
        assert {(name, at): _ready(home, name, at) for name in NAMES for at in days} == were
        since = f"{day(now) - timedelta(days=keep_sent):%Y-%m-%dT%H:%M:%SZ}"
        for line in lines:
            if line["what"] == "sent" and line["at"] >= since:
                reports = json.loads((home.runs / line["run"] / "manifest.json").read_bytes())["reports"]
                assert line["sha256"] in {row["sha256"] for row in reports}


def _has_approved(home: Home, manifest: Manifest) -> bool:
    return any(one.report and one.decision == "approved" for one in run_status(home, manifest).accounts)


def _ready(home: Home, name: str, number: int) -> Ready | None:
    try:
        return ready_on(home, name.split()[-1], day(number).date())
    except NoSuchAccount:
        return None
