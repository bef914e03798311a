"""Pruning removes nothing that is guaranteed, and a kill leaves each run whole or removed."""

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
from exports.home.layout import Home
from exports.home.prune import prune as remove_runs
from exports.home.status import run_status
from flows.history import Ready, history, note_sent, ready_on
from flows.review.decide import decide
from flows.review.release import release
from schemas.errors import NoSuchAccount, NotAllowed
from schemas.manifest import Manifest
from tests.examples import few
from tests.flows.review.folders import NOW, keep_run
from tests.people import person

NAMES = ("1 Contoso", "2 Fabrikam", "Litware")


def day(number: int) -> datetime:
    """Some hours after the run with that number."""
    return NOW + timedelta(days=number, hours=6)


def stage(home: Home, number: int, versions: Mapping[str, int], kind: str = "nightly") -> str:
    """A run in which each account has its version's people."""
    accounts = {name: [person("Ada", courses="", Phone=str(version))] for name, version in versions.items()}
    return str(keep_run(home, accounts, number=number, kind=kind)["run"])


def approve(home: Home, run: str, number: int) -> None:
    """Approve everything that needs it."""
    decide(home, "approve", run, every=True, by="rev", reason="right", older=True, now=day(number))


def approve_and_release(home: Home, run: str, number: int) -> None:
    """Approve and release everything."""
    approve(home, run, number)
    release(home, run, by="rev", reason="right", older=True, now=day(number))


def pruned(home: Home, number: int, keep: int = 90, keep_sent: int = 365, **more: Any) -> prune.Pruned:
    """The result of pruning on that day."""
    return remove_runs(home, timedelta(days=keep), timedelta(days=keep_sent), day(number), **more)


def test_each_guarantee_keeps_its_run(tmp_path: Path) -> None:
    """Ready, newest, approved, recently ready, recently sent; a dry run only lists the others."""
    home = Home(tmp_path)
    first = stage(home, 1, {"1 Contoso": 1, "2 Fabrikam": 1})
    approve_and_release(home, first, 1)
    second = stage(home, 2, {"1 Contoso": 2, "2 Fabrikam": 1})
    approve_and_release(home, second, 2)
    unused = stage(home, 3, {"1 Contoso": 3, "2 Fabrikam": 1})
    alone = stage(home, 4, {"1 Contoso": 4}, "account")
    approve_and_release(home, alone, 4)
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


def test_a_mail_keeps_its_reports(tmp_path: Path) -> None:
    """Even if it was recorded long after the report was replaced."""
    home = Home(tmp_path)
    first = stage(home, 1, {"1 Contoso": 1})
    approve_and_release(home, first, 1)
    approve_and_release(home, stage(home, 10, {"1 Contoso": 2}), 10)
    note_sent(home, "Contoso", to=["a@x.example"], by="me", day=day(5).date(), now=day(400))
    assert pruned(home, 370)["removed"] == []
    assert pruned(home, 371, keep_sent=365)["removed"] == []
    assert pruned(home, 376)["removed"] == [first]


def test_an_account_without_runs_keeps_its_history(tmp_path: Path) -> None:
    """The ledger names it, and its reports by their hash."""
    home = Home(tmp_path)
    approve_and_release(home, stage(home, 1, {"1 Contoso": 1, "2 Fabrikam": 1}), 1)
    approve_and_release(home, stage(home, 2, {"1 Contoso": 2, "2 Fabrikam": 2}), 2)
    approve_and_release(home, stage(home, 3, {"1 Contoso": 3}), 3)
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
    """A report that is hard-linked to another run stays on disk."""
    home = Home(tmp_path)
    first, second = (stage(home, number, {"1 Contoso": 1}) for number in (1, 2))
    report = "reports/certifications-contoso-1.csv"
    (home.runs / second / report).unlink()
    (home.runs / second / report).hardlink_to(home.runs / first / report)
    manifest = (home.runs / first / "manifest.json").stat().st_size
    assert pruned(home, 500, dry_run=True) == {"removed": [first], "kept": 1, "bytes": manifest}
    assert pruned(home, 500) == {"removed": [first], "kept": 1, "bytes": manifest}
    assert (home.runs / second / report).exists()


def test_a_kill_while_removing_is_finished_by_the_next_prune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remains are no run."""
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


def test_nothing_is_removed_if_something_is_damaged(tmp_path: Path) -> None:
    """A manifest or the ledger; a missing home is not created."""
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
        st.integers(1, 60),  # days since the previous step
        st.lists(st.integers(0, 2), min_size=3, max_size=3),  # each account's version; 0: absent
        st.sampled_from(["nothing", "approve", "release", "send"]),
    ),
    min_size=1,
    max_size=7,
)


@few(12)
@given(steps=STEPS, keep=st.integers(0, 120), keep_sent=st.integers(0, 200))
def test_pruning_after_any_sequence_keeps_every_guarantee(
    steps: list[tuple[str, int, list[int], str]], keep: int, keep_sent: int
) -> None:
    """What was ready on a day is found as long as promised."""
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
