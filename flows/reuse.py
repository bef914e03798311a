"""The same export again: what was proved is not worked out a second time.

An export that is the same to the byte as that of the last nightly run makes the same reports, as long as the table, the
profile and the program are the same. Then the reports are hashed again and linked from that run. Anything else, also a
report that was altered since or an account that was held, goes the whole way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from exports.home import ready, status
from flows.ahead import import_ahead
from flows.certify import Job, Outcome, Step, certify, directly
from flows.run_ids import new_run, now, program
from schemas.errors import NotAllowed, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from exports.home.layout import Home, Manifest
    from schemas.profiles import Profile
    from schemas.review import Change

MEMORY = ".proved.json"  # in the home; losing it costs a night's work and nothing else


class Proved(NamedTuple):
    """A run that was proved, what it was made of, and what its export told."""

    run: str
    made_of: str
    size: int | None  # of the export's file, in bytes; None: it was pulled
    notices: tuple[str, ...]


def certify_or_repeat(job: Job, home: Home, step: Step = directly) -> Outcome:
    """As `certify`, by way of an earlier nightly run if this one can't be another."""
    import_ahead()
    proved = _proved(home)
    if job.file is not None:
        source: Mapping[str, object] = _source_of(job.file, proved)
        notices = proved.notices if proved else ()
    else:  # only the pull itself tells what there is
        taken = [step("read", job.read)]
        source, notices = taken[0].source, taken[0].notices
        job = replace(job, read=taken.pop)  # which lets go of the frame when it is done with
    earlier = _run_made_of(source, job.profile, proved, home)
    if earlier is not None:
        with suppress(_CannotLink):  # then it goes the whole way
            return _repeat(earlier | {"source": earlier["source"] | source}, job.started, notices, home, step)
    outcome = certify(job, home, step)
    if outcome.status == "complete":
        _remember(outcome, job, home)
    return outcome


def change_of_each(home: Home, reports: Sequence[Mapping[str, Any]]) -> list[Change]:
    """What each report of a run to be is against what is ready: new, changed or unchanged. Reads one manifest.

    `reports` are rows as a manifest has them: `account`, `account_id` and `sha256` are looked at.
    """
    before = status.match(reports, ready.rows(home))
    return [status.compare_bytes(report, row) for report, row in zip(reports, before, strict=True)]


def _proved(home: Home) -> Proved | None:
    """What is remembered, if anything is."""
    from exports.home.files import read_json

    try:
        memory = read_json(home.root / MEMORY)
        return Proved(memory["run"], memory["made_of"], memory["size"], tuple(memory["notices"]))
    except (OSError, ValueError, KeyError, TypeError):  # nothing, or nothing of use
        return None


def _source_of(file: Path, proved: Proved | None) -> Mapping[str, object]:
    """What can be told of a file by its bytes alone; nothing if it has not the size of the one before."""
    from sources.downloads import sha256_of
    from sources.export import as_text

    sha256 = sha256_of(file, proved.size) if proved and proved.size is not None else None
    return {"kind": "file", "name": as_text(file.name), "sha256": sha256} if sha256 else {}


def _made_of(sha256: object, profile: Profile) -> str:
    """One hash of all that decides about a run: the export (its hash), the table, the profile, the program."""
    from schemas.columns import fingerprint

    return hashlib.sha256(f"{sha256} {fingerprint()} {profile} {program()}".encode()).hexdigest()


def _run_made_of(source: Mapping[str, object], profile: Profile, proved: Proved | None, home: Home) -> Manifest | None:
    """The run that is remembered, if it is of the same and its reports are still what was proved."""
    if not proved or not source or _made_of(source["sha256"], profile) != proved.made_of:
        return None
    from exports.home.layout import REPORTS
    from exports.reports.write import are_intact

    try:
        manifest = home.manifest(proved.run)
        intact = are_intact(manifest["reports"], home.runs / manifest["run"] / REPORTS)
    except (OSError, WrongUsage, NotAllowed, ValueError, KeyError, TypeError):  # it is gone, or damaged
        return None
    return manifest if intact else None


def _remember(outcome: Outcome, job: Job, home: Home) -> None:
    from exports.home.files import to_json, write_file

    if outcome.manifest is None:
        return
    try:
        size = job.file.stat().st_size if job.file else None
    except OSError:  # it was taken away meanwhile: there is nothing to come again
        return
    made_of = _made_of(outcome.manifest["source"]["sha256"], job.profile)
    with suppress(OSError):  # the run is done and kept, and the next one can do without this
        write_file(home.root / MEMORY, to_json(Proved(outcome.run, made_of, size, outcome.notices)._asdict()))


def _repeat(earlier: Manifest, started: str, notices: tuple[str, ...], home: Home, step: Step) -> Outcome:
    from exports.home.runs import keep_manifest, staged
    from flows.review.build import compare
    from transforms import hold_back

    run = new_run("nightly", started)
    with home.writing(), staged(home, run) as folder:
        step("write", _link, earlier, home, folder)
        reports = [
            row | {"change": change}
            for row, change in zip(earlier["reports"], change_of_each(home, earlier["reports"]), strict=True)
        ]
        manifest = earlier | {"run": run, "started": started, "finished": now(), "reports": reports}
        review = step("compare", compare, manifest, home, folder)
        keep_manifest(folder, manifest)
    return Outcome("nightly", manifest["totals"], hold_back.NO_FAULTS, notices, manifest, home.runs / run, review)


def _link(earlier: Manifest, home: Home, folder: Path) -> None:
    from exports.home.layout import GUARDED, REPORTS
    from exports.reports.write import link_reports

    before = home.runs / earlier["run"]
    try:
        link_reports(earlier["reports"], before / REPORTS, folder / REPORTS)
        if earlier["totals"]["guarded_cells"]:
            (folder / GUARDED).hardlink_to(before / GUARDED)
    except OSError as error:
        raise _CannotLink from error


class _CannotLink(Exception):  # noqa: N818  it stops nothing
    """The file system has no links, or not so many, or something was removed meanwhile."""
