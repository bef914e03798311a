"""Removing runs that nothing needs any more. The ledger stays whole, and so do ready/ and all that was sent lately.

A run is kept if it is young, the newest nightly one, one that a ready report comes from, one with bytes that are
approved and not released yet, or one whose bytes were ready or sent lately. Bytes that several runs have are those of
the run that the ledger names. Reports that runs share are hard links: one that stays has its own.

A run that goes is renamed first, to a name that the next writer takes away: killed at any moment, a run is there whole
or has never happened.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

from exports.home import ledger, ready, sent
from exports.home.files import sync_folder
from exports.home.layout import STAGING, Home
from exports.home.ledger import Key, Line, Subject


class Pruned(TypedDict):
    """The runs that were removed, the oldest first, how many were kept, and how many bytes that made free."""

    removed: list[str]
    kept: int
    bytes: int


def prune(home: Home, keep: timedelta, keep_sent: timedelta, now: datetime, *, dry_run: bool = False) -> Pruned:
    """Remove the runs that ended longer ago than `keep`, but none that is needed. With `dry_run`, only say which.

    keep_sent: how long the bytes are kept that were ready or sent. Raises NotAllowed if a manifest or the ledger is
    damaged: then nobody knows what is needed.
    """
    if dry_run or not home.runs.is_dir():
        return _pruned(home, _not_needed(home, keep, keep_sent, now))
    with ready.writing(home):
        home.remove_leftovers()
        removed = _not_needed(home, keep, keep_sent, now)
        pruned = _pruned(home, removed)
        for run in removed:
            _remove(home.runs, run)
    return pruned


# ---------------------------------------------------------------------------------------------------------------------


def _not_needed(home: Home, keep: timedelta, keep_sent: timedelta, now: datetime) -> list[str]:
    ended = sorted(end for end, _ in home.ends())
    newest = home.newest_nightly()
    lines = ledger.read(home)
    needed = {row["run"] for row in ready.rows(home)} | _runs_of(_lately(lines, _stamp(now - keep_sent)))
    needed |= {newest.run} if newest else set()
    old = [end.run for end in ended if end.finished < _stamp(now - keep) and end.run not in needed]
    approved = {subject: line for subject, line in ledger.in_force(lines, "").items() if line["what"] == "approve"}
    return [run for run in old if not _has_approved(home, run, approved)] if approved else old


def _lately(lines: Sequence[Line], since: str) -> Iterator[Line]:
    """The releases whose bytes were ready at some time since then, and the mails of that time."""
    latest: dict[Key, Line] = {}
    for line in lines:
        if line["what"] in sent.MAILED and line["at"] >= since:
            yield line
        if line["what"] != "release":
            continue
        account = ledger.key(line["account"], line["account_id"])
        before = latest.get(account)
        if before and line["at"] >= since:  # it was ready until this one came
            yield before
        latest[account] = line
    yield from latest.values()


def _runs_of(lines: Iterable[Line]) -> set[str]:
    return {line["run"] for line in lines if line["sha256"]}


def _has_approved(home: Home, run: str, approved: dict[Subject, Line]) -> bool:
    """Whether a run has bytes, or takes a gone account out, that is approved and not released."""
    if any(line["run"] == run for line in approved.values()):
        return True
    reports = home.manifest(run)["reports"]
    return any(Subject(ledger.key(row["account"], row["account_id"]), row["sha256"]) in approved for row in reports)


def _pruned(home: Home, removed: list[str]) -> Pruned:
    return {
        "removed": removed,
        "kept": len(home.ends()) - len(removed),
        "bytes": _freed(home.runs / run for run in removed),
    }


def _freed(folders: Iterable[Path]) -> int:
    """The bytes of all files of which no link stays elsewhere."""
    links, sizes = Counter[tuple[int, int]](), dict[tuple[int, int], tuple[int, int]]()
    for folder in folders:
        for path in folder.rglob("*"):
            facts = path.lstat()
            if not path.is_dir():
                links[facts.st_dev, facts.st_ino] += 1
                sizes[facts.st_dev, facts.st_ino] = (facts.st_nlink, facts.st_size)
    return sum(size for file, (count, size) in sizes.items() if links[file] == count)


def _remove(runs: Path, run: str) -> None:
    leaving = runs / f"{STAGING}{run}"
    (runs / run).rename(leaving)
    sync_folder(runs)
    shutil.rmtree(leaving)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
