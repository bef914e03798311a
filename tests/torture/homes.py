"""What must hold for a home folder whatever happened to it. Knows only the contract, not the program."""

import hashlib
import json
import re
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

RUN = r"runs/\d{8}T\d{6}Z-(nightly|account)-[0-9a-f]{6}"
VERSION = r"\.ready/\d{8}"
REPORT = r"certifications-[a-z0-9-]+-[A-Za-z0-9_-]+\.csv"
KEPT = re.compile(
    r"\.lock|\.(pull|mail)\.lock|ledger\.jsonl|contacts\.csv|contacts\.pulled\.csv|ready|runs|\.ready|drafts"
    r"|\.addresses|\.(proved|tiers|recipients)\.json|overview\.html"
    rf"|{RUN}|{RUN}/(manifest\.json|faults\.csv|guarded\.csv|garbled\.csv|\.recipients\.json|review\.html|reports|reports/{REPORT})"
    rf"|{VERSION}|{VERSION}/(manifest\.json|{REPORT})|drafts/[a-z0-9_-]+\.(eml|xlsx)"
)
ON_THE_WAY = re.compile(
    r"runs/\.staging-.*|\.ready/\d{8}\.jsonl|(.*/)?\.[^/]+\.tmp|drafts/\.staging(/\d+)?|drafts/\.[^/]+"
)

LINE = {"at", "what", "run", "account", "account_id", "sha256", "by", "reason"}


class State(NamedTuple):
    """What a home contains, without times: ready reports, ledger lines, drafts, contacts."""

    ready: frozenset[tuple[str, str, str]]
    ledger: tuple[str, ...]
    drafts: frozenset[str]
    contacts: str


def check(home: Path, *, at_rest: bool) -> State:
    """Assert that the home is whole and return its state. at_rest: no command was killed since the last success."""
    _check_names_and_modes(home, at_rest=at_rest)
    for run in sorted((home / "runs").glob("[!.]*")):
        _check_reports(run / "reports", json.loads((run / "manifest.json").read_bytes())["reports"])
    ready = home / "ready"
    rows = json.loads((ready / "manifest.json").read_bytes())["reports"] if ready.is_symlink() else []
    if rows or ready.is_symlink():
        _check_reports(ready.resolve(), rows, "manifest.json")
    contacts = (home / name for name in ("contacts.csv", "contacts.pulled.csv"))
    return State(
        frozenset((row["file"], row["sha256"], row["approved_by"]) for row in rows),
        tuple(sorted(_text_of(line) for line in ledger(home, at_rest=at_rest))),
        frozenset(path.name for path in (home / "drafts").glob("[!.]*")),
        "".join(path.read_text(encoding="utf-8-sig") for path in contacts if path.exists()),
    )


def ledger(home: Path, *, at_rest: bool) -> list[dict[str, Any]]:
    """The lines; after a kill, the last one may be unfinished."""
    path = home / "ledger.jsonl"
    *whole, rest = (path.read_bytes() if path.exists() else b"").split(b"\n")
    assert not (rest and at_rest), f"the ledger ends with {rest!r}"
    lines = [json.loads(line) for line in whole]
    assert all(line.keys() >= LINE for line in lines)
    return lines


def is_part(some: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether all lines are among the others, at least as often."""
    return not Counter(some) - Counter(whole)


# ---------------------------------------------------------------------------------------------------------------------


def _check_reports(folder: Path, rows: list[dict[str, Any]], *more: str) -> None:
    """The folder has exactly the reports of a manifest, byte for byte."""
    assert sorted([row["file"] for row in rows] + [*more]) == sorted(path.name for path in folder.iterdir())
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (row["sha256"], row["bytes"]), folder / row["file"]


def _check_names_and_modes(home: Path, *, at_rest: bool) -> None:
    for path in _everything(home):
        name = path.relative_to(home).as_posix()
        expected = KEPT.fullmatch(name) or (not at_rest and ON_THE_WAY.fullmatch(name))
        assert expected, f"{name} has no business in a home"
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode):
            wanted = 0o700 if stat.S_ISDIR(mode) else 0o600
            assert stat.S_IMODE(mode) == wanted, f"{name} has mode {stat.S_IMODE(mode):o}"


def _everything(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _everything(path)


def _text_of(line: dict[str, Any]) -> str:
    return " ".join(str(line.get(key)) for key in ("what", "account_id", "account", "by", "to", "reason"))
