"""A power cut loses nothing that was reported as done: the order of syncs, by strace."""

import re
import subprocess
from itertools import pairwise
from pathlib import Path

from exports.home.layout import Home
from flows.review.decide import decide
from tests.command import COMMAND, clean_environment
from tests.exporting import csv_of
from tests.flows.mail.homes import release_run
from tests.flows.review.folders import NOW, keep_run
from tests.people import person

CALLS = "openat,write,rename,renameat,fsync,syncfs,unlink,symlink,link,linkat"


def calls(home: Home, *arguments: str) -> list[str]:
    """A command's system calls on its home, in order, with paths relative to it."""
    trace = home.root.parent / "trace"
    command = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-qq",
        "-s",
        "8",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(trace),
        str(COMMAND),
        *arguments,
    ]
    environment = clean_environment(PARTNER_CERTS_HOME=str(home.root))
    done = subprocess.run(command, env=environment, cwd=home.root.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole = re.sub(r"^\d+ +", "", trace.read_text(), flags=re.MULTILINE)
    return [line.replace(f"{home.root}/", "").replace(str(home.root), ".") for line in whole.splitlines()]


def places(calls_made: list[str], pattern: str) -> list[int]:
    """The indices of the calls that match the pattern; there is at least one."""
    indices = [place for place, line in enumerate(calls_made) if re.match(pattern, line)]
    assert indices, (pattern, calls_made)
    return indices


def assert_in_order(calls_made: list[str], *patterns: str) -> None:
    """Assert that the last call of each kind precedes the first of the next."""
    for earlier, later in pairwise(patterns):
        assert max(places(calls_made, earlier)) < min(places(calls_made, later)), (earlier, later)


def test_a_run_is_synced_before_it_gets_its_name(tmp_path: Path) -> None:
    """The folder, then its name, then the parent; nothing is written afterwards."""
    home = Home(tmp_path / "home")
    (tmp_path / "export.csv").write_bytes(csv_of([person(), person("B", Account_ID="2", Account_Name="B")]))
    calls_made = calls(home, "nightly", "export.csv")
    named = max(places(calls_made, r'rename\("runs/\.staging'))
    written = max(places(calls_made, r"write\(\d+<runs/"))
    synced = [place for place in places(calls_made, r"syncfs\(") if written < place < named]
    assert synced, "the run is not synced between its last byte and its name"
    assert min(places(calls_made, r"fsync\(\d+<runs>")) > named


def test_a_release_is_synced_before_it_is_ready(tmp_path: Path) -> None:
    """The new folder and its journal, then the link, then the ledger; the journal is removed last."""
    home = Home(tmp_path / "home")
    release_run(home)
    keep_run(home, {"1001 Contoso": [person("New", "new@contoso.example")]}, number=2)
    decide(home, "approve", every=True, by="Jo", reason="so", now=NOW)
    calls_made = calls(home, "release")
    assert_in_order(
        calls_made,
        r"write\(\d+<\.ready/00000002/",
        r"syncfs\(",
        r'rename\("\.ready\.tmp", "ready"',
        r"write\(\d+<ledger\.jsonl>",
        r"fsync\(\d+<ledger\.jsonl>",
        r'unlink\("\.ready/00000002\.jsonl"',
    )
    switched = places(calls_made, r'rename\("\.ready\.tmp", "ready"')[0]
    recorded = places(calls_made, r"write\(\d+<ledger\.jsonl>")[0]
    assert [place for place in places(calls_made, r"fsync\(\d+<\.>") if switched < place < recorded], (
        "the turn is not synced"
    )
    journal = places(calls_made, r"fsync\(\d+<\.ready/\.00000002\.jsonl")[0]
    assert journal < places(calls_made, r"syncfs\(")[0]


def test_a_draft_is_synced_before_the_ledger_has_it(tmp_path: Path) -> None:
    """The mail, its name, the parent, then the ledger."""
    home = Home(tmp_path / "home")
    release_run(home)
    assert_in_order(
        calls(home, "draft", "--all", "--no-to"),
        r"write\(\d+<drafts/\.staging/",
        r"syncfs\(",
        r'rename\("drafts/\.staging/',
        r"fsync\(\d+<drafts>",
        r"write\(\d+<ledger\.jsonl>",
        r"fsync\(\d+<ledger\.jsonl>",
    )
