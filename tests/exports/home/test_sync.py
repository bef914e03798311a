"""A power cut loses nothing that was said to be done: what is synced before what, as the system sees it."""

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


def calls(home: Home, *words: str) -> list[str]:
    """The system calls of a command that concern its home, in their order, without the home's path."""
    trace = home.root.parent / "trace"
    command = ["strace", "-f", "-y", "-qq", "-s", "8", "-e", f"trace={CALLS}", "-o", str(trace), str(COMMAND), *words]
    environment = clean_environment(PARTNER_CERTS_HOME=str(home.root))
    done = subprocess.run(command, env=environment, cwd=home.root.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole = re.sub(r"^\d+ +", "", trace.read_text(), flags=re.MULTILINE)
    return [line.replace(f"{home.root}/", "").replace(str(home.root), ".") for line in whole.splitlines()]


def places(found: list[str], pattern: str) -> list[int]:
    """Where the calls stand that begin as the pattern; there is one at least."""
    where = [place for place, line in enumerate(found) if re.match(pattern, line)]
    assert where, (pattern, found)
    return where


def assert_in_turn(found: list[str], *patterns: str) -> None:
    """The last call of each kind comes before the first of the next."""
    for earlier, later in pairwise(patterns):
        assert max(places(found, earlier)) < min(places(found, later)), (earlier, later)


def test_a_run_is_on_the_disk_before_it_has_its_name(tmp_path: Path) -> None:
    """All of the folder, then the name, then that the name is there; nothing is written to it afterwards."""
    home = Home(tmp_path / "home")
    (tmp_path / "export.csv").write_bytes(csv_of([person(), person("B", Account_ID="2", Account_Name="B")]))
    found = calls(home, "nightly", "export.csv")
    named = max(places(found, r'rename\("runs/\.staging'))
    written = max(places(found, r"write\(\d+<runs/"))
    synced = [place for place in places(found, r"syncfs\(") if written < place < named]
    assert synced, "the run is not synced between its last byte and its name"
    assert min(places(found, r"fsync\(\d+<runs>")) > named


def test_a_release_is_on_the_disk_before_it_is_ready(tmp_path: Path) -> None:
    """The new folder and its journal, then the turn of the link, then the ledger; the journal goes last."""
    home = Home(tmp_path / "home")
    release_run(home)
    keep_run(home, {"1001 Contoso": [person("New", "new@contoso.example")]}, number=2)
    decide(home, "approve", every=True, by="Jo", reason="so", now=NOW)
    found = calls(home, "release")
    assert_in_turn(
        found,
        r"write\(\d+<\.ready/00000002/",
        r"syncfs\(",
        r'rename\("\.ready\.tmp", "ready"',
        r"write\(\d+<ledger\.jsonl>",
        r"fsync\(\d+<ledger\.jsonl>",
        r'unlink\("\.ready/00000002\.jsonl"',
    )
    turned = places(found, r'rename\("\.ready\.tmp", "ready"')[0]
    recorded = places(found, r"write\(\d+<ledger\.jsonl>")[0]
    assert [place for place in places(found, r"fsync\(\d+<\.>") if turned < place < recorded], "the turn is not synced"
    journal = places(found, r"fsync\(\d+<\.ready/\.00000002\.jsonl")[0]
    assert journal < places(found, r"syncfs\(")[0]


def test_a_draft_is_on_the_disk_before_the_ledger_has_it(tmp_path: Path) -> None:
    """The mail, then its name, then that the name is there, then the ledger's line."""
    home = Home(tmp_path / "home")
    release_run(home)
    assert_in_turn(
        calls(home, "draft", "--all", "--no-to"),
        r"write\(\d+<drafts/\.staging/",
        r"syncfs\(",
        r'rename\("drafts/\.staging/',
        r"fsync\(\d+<drafts>",
        r"write\(\d+<ledger\.jsonl>",
        r"fsync\(\d+<ledger\.jsonl>",
    )
