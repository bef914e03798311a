"""Removing runs that nothing needs any more. The ledger, ready/ and everything recently sent stay complete.

A run is kept if it is recent, the newest nightly one, the source of a ready report, has approved bytes that are not
released yet, or has bytes that were recently ready or sent. If several runs have these bytes, the run that the ledger
names is kept. Reports that runs share are hard links, so the remaining runs lose nothing.

A run is first renamed to a name that the next writer removes, so a killed prune leaves it complete or not at all.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from exports.home import ledger, ready, sent
from exports.home.decisions import Subject, in_force, subject_of
from exports.home.files import sync_folder
from exports.home.layout import STAGING, Home
from exports.home.ledger import Key, Line
from exports.home.publish import writing


class Pruned(TypedDict):
    """The removed runs, oldest first, the number of runs kept, and the bytes freed."""

    removed: list[str]
    kept: int
    bytes: int


def prune(home: Home, keep: timedelta, keep_sent: timedelta, now: datetime, *, dry_run: bool = False) -> Pruned:
    """Remove the runs that ended longer ago than `keep` and are not needed. dry_run: only say which.

    keep_sent: how long to keep bytes after they were ready or sent. Raises NotAllowed if a manifest or the ledger is
    damaged, because then nobody knows what is needed.
    """
    if dry_run or not home.runs.is_dir():
        return _pruned(home, _not_needed(home, keep, keep_sent, now))
    with writing(home):
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
    needed = {row["run"] for row in ready.rows(home)} | _runs_of(_since(lines, ledger.timestamp(now - keep_sent)))
    needed |= {newest.run} if newest else set()
    old = [end.run for end in ended if end.finished < ledger.timestamp(now - keep) and end.run not in needed]
    approved = {subject: line for subject, line in in_force(lines, "").items() if line["what"] == "approve"}
    return [run for run in old if not _has_approved(home, run, approved)] if approved else old


def _since(lines: Sequence[Line], since: str) -> Iterator[Line]:
    """The releases whose bytes were ready at any time since then, and the mails since then."""
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
    """Whether a run has approved bytes or an approved removal that are not released."""
    if any(line["run"] == run for line in approved.values()):
        return True
    return any(subject_of(row) in approved for row in home.manifest(run)["reports"])


def _pruned(home: Home, removed: list[str]) -> Pruned:
    return {
        "removed": removed,
        "kept": len(home.ends()) - len(removed),
        "bytes": _freed(home.runs / run for run in removed),
    }


def _freed(folders: Iterable[Path]) -> int:
    """The bytes of all files that have no link elsewhere."""
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
