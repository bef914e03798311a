"""The same export again: what was proved is not worked out a second time.

An export that is the same to the byte as that of the last nightly run makes the same reports, as long as the table, the
profile and the program are the same. Then the reports are hashed again and linked from that run. Anything else, also a
report that was altered since or an account that was held, goes the whole way.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from flows.ahead import import_ahead
from flows.certify import Order, Outcome, Step, certify, compare, directly
from flows.stamps import new_run, now, program
from schemas.errors import WrongUsage

if TYPE_CHECKING:
    from pathlib import Path

    from exports.home import Home, Manifest
    from exports.lines import Profile
    from sources.export import Export


MEMORY = ".proved.json"  # in the home: which run was made of what; losing it costs a night's work and nothing else


def certify_or_repeat(order: Order, home: Home, step: Step = directly) -> Outcome:
    """As `certify`, by way of an earlier nightly run if this one can't be another."""
    started = now()
    import_ahead()
    taken = [step("read", order.read)]
    made_of = _made_of(taken[0], order.profile)
    earlier = _run_made_of(made_of, home)
    if earlier is not None:
        with suppress(_CannotLink):  # then it goes the whole way
            # The same bytes may come under another name.
            return _repeat(earlier | {"source": taken[0].source}, started, taken[0].notices, home, step)
    outcome = certify(replace(order, read=taken.pop), home, step)  # which lets go of the frame when it is done with
    if outcome.status == "complete":
        _remember(made_of, outcome.run, home)
    return outcome


def _made_of(export: Export, profile: Profile) -> str:
    """One hash of all that decides about a run: the export, the table, the profile, the program."""
    from schemas.columns import fingerprint

    return hashlib.sha256(f"{export.sha256} {fingerprint()} {profile} {program()}".encode()).hexdigest()


def _run_made_of(made_of: str, home: Home) -> Manifest | None:
    """The run that is remembered, if it is of the same and its reports are still what was proved."""
    from exports.home import REPORTS, read_json
    from exports.reports import are_intact

    try:
        memory = read_json(home.root / MEMORY)
        manifest = home.manifest(memory["run"]) if memory["made_of"] == made_of else None
        intact = manifest is not None and are_intact(manifest["reports"], home.runs / manifest["run"] / REPORTS)
    except (OSError, WrongUsage, ValueError, KeyError, TypeError):  # nothing is remembered, or nothing of use
        return None
    return manifest if intact else None


def _remember(made_of: str, run: str, home: Home) -> None:
    from exports.home import to_json, write_file

    write_file(home.root / MEMORY, to_json({"run": run, "made_of": made_of}))


def _repeat(earlier: Manifest, started: str, notices: tuple[str, ...], home: Home, step: Step) -> Outcome:
    from exports.run_folder import keep_manifest, staged
    from flows.reviewing import compare as changes
    from transforms import hold

    run = new_run("nightly")
    with home.writing(), staged(home, run) as folder:
        step("write", _link, earlier, home, folder)
        reports = [
            row | {"change": change}
            for row, change in zip(earlier["reports"], changes(home, earlier["reports"]), strict=True)
        ]
        manifest = earlier | {"run": run, "started": started, "finished": now(), "reports": reports}
        review = step("compare", compare, manifest, home, folder)
        keep_manifest(folder, manifest)
    return Outcome("nightly", manifest["totals"], hold.NO_FAULTS, notices, manifest, home.runs / run, review)


def _link(earlier: Manifest, home: Home, folder: Path) -> None:
    from exports.home import REPORTS
    from exports.reports import link_reports
    from exports.run_folder import GUARDED

    before = home.runs / earlier["run"]
    try:
        link_reports(earlier["reports"], before / REPORTS, folder / REPORTS)
        if earlier["totals"]["guarded_cells"]:
            (folder / GUARDED).hardlink_to(before / GUARDED)
    except OSError as error:
        raise _CannotLink from error


class _CannotLink(Exception):  # noqa: N818  it stops nothing
    """The file system has no links, or not so many, or something was removed meanwhile."""
