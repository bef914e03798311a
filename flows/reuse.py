"""Reuses the reports of the last nightly run if the export has not changed.

An export with the same bytes makes the same reports, as long as the table, the profile and the program are the same.
Then the earlier reports are hashed again and linked into the new run. In any other case, also if a report has been
altered or an account was held, the whole pipeline runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exports.home import ready
from exports.home.files import read_json, to_json, write_file
from exports.home.layout import Home
from exports.home.matching import change_of, match
from exports.home.runs import keep_manifest, staged
from flows.certify import Job, Outcome, Step, begin, certify, directly
from flows.run_ids import new_run, now
from schemas.columns import fingerprint
from schemas.errors import NotAllowed, WrongUsage
from schemas.manifest import Manifest, ReportRow
from schemas.review import Change
from sources.downloads import sha256_of
from sources.export import as_text

if TYPE_CHECKING:
    import polars as pl

MEMORY = ".proved.json"  # in the home; losing it only costs one full run
PACKAGES = ("flows", "sources", "schemas", "transforms", "exports")
LIBRARIES = ("polars", "fastexcel", "openpyxl", "anyascii")  # read, write, name files


class Proved(NamedTuple):
    """A proved run, the hash of what it was made of, and the notices of its export."""

    run: str
    made_of: str
    size: int | None  # of the export's file, in bytes; None: it was pulled
    notices: tuple[str, ...]


def certify_or_repeat(job: Job, home: Home, step: Step = directly) -> Outcome:
    """As `certify`, but reuse the reports of the last nightly run if it was made of the same."""
    begin(job)
    running_program()  # before the run, because an upgrade may replace the files meanwhile
    proved = _proved(home)
    if job.file is not None:
        export, notices = None, proved.notices if proved else ()
        name, sha256 = as_text(job.file.name), _sha256_of(job.file, proved)
    else:  # only the pull shows whether it is the same
        export = step("read", job.read)
        name, sha256, notices = export.source["name"], export.sha256, export.notices
    earlier = _run_made_of(sha256, job, proved, home)
    if earlier is not None:
        earlier["source"]["name"] = name
        outcome = _repeat(earlier, job.started, notices, export.accounts if export else None, home, step)
        if outcome is not None:
            return outcome
    outcome = certify(job, home, step, export)
    if outcome.status == "complete":
        _remember(outcome, job, home)
    return outcome


def change_of_each(home: Home, reports: Sequence[ReportRow]) -> list[Change]:
    """Whether each report is new, changed or unchanged against ready/. Reads one manifest.

    `reports` are rows of a manifest; `account`, `account_id` and `sha256` are compared.
    """
    before = match(reports, ready.rows(home))
    return [change_of(report, row) for report, row in zip(reports, before, strict=True)]


def program() -> str:
    """The SHA-256 of this program and of the versions of the libraries that determine the bytes of reports."""
    digest = hashlib.sha256(" ".join(map(version, LIBRARIES)).encode())
    root = Path(__file__).parents[1]
    for package in PACKAGES:
        for path in sorted(root.glob(f"{package}/**/*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def running_program() -> str:
    """`program` at the first call in this process, which keeps running what it has imported, even after an upgrade."""
    return program()


# ----------------------------------------------------------------------------------------------------------------------


def _proved(home: Home) -> Proved | None:
    """The remembered run, if there is one."""
    try:
        memory = read_json(home.root / MEMORY)
        return Proved(memory["run"], memory["made_of"], memory["size"], tuple(memory["notices"]))
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or the file is damaged
        return None


def _sha256_of(file: Path, proved: Proved | None) -> str | None:
    """The hash of a file's bytes; None if its size differs from that of the remembered run."""
    return sha256_of(file, proved.size) if proved and proved.size is not None else None


def _made_of(sha256: str, job: Job) -> str:
    """The hash of what makes a run: the export's hash and encoding, the table, the profile, the program."""
    made_of = f"{sha256} {job.encoding} {fingerprint()} {job.profile} {running_program()}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def _run_made_of(sha256: str | None, job: Job, proved: Proved | None, home: Home) -> Manifest | None:
    """The manifest of the remembered run, if it was made of the same."""
    if not proved or not sha256 or _made_of(sha256, job) != proved.made_of:
        return None
    try:
        return home.manifest(proved.run)
    except (WrongUsage, NotAllowed, OSError):  # it is gone, or damaged
        return None


def _remember(outcome: Outcome, job: Job, home: Home) -> None:
    if outcome.manifest is None:
        return
    try:
        size = job.file.stat().st_size if job.file else None
    except OSError:  # removed meanwhile, so it won't be read again
        return
    made_of = _made_of(outcome.manifest["source"]["sha256"], job)
    with suppress(OSError, NotAllowed), home.writing():  # the run is kept, and the next one works without this
        write_file(home.root / MEMORY, to_json(Proved(outcome.run, made_of, size, outcome.notices)._asdict()))


def _repeat(
    earlier: Manifest,
    started: str,
    notices: tuple[str, ...],
    accounts: pl.DataFrame | None,
    home: Home,
    step: Step,
) -> Outcome | None:
    """Make a run with the reports of an earlier one; None if these have been altered, or can't be linked.

    accounts: of a pull, whose recipients are kept.
    """
    from flows import steps  # late: a thread has imported it while the export was read

    run = new_run("nightly", started)
    try:
        steps.prove_intact(earlier, home)
        with home.writing(), staged(home, run) as folder:
            step("write", steps.link, earlier, home, folder)
            changes = zip(earlier["reports"], change_of_each(home, earlier["reports"]), strict=True)
            reports = [row | {"change": change} for row, change in changes]
            manifest = earlier | {"run": run, "started": started, "finished": now(), "reports": reports}
            if accounts is not None:
                steps.keep_contacts(home, accounts, folder, every=True)
            review = step("compare", steps.compare, manifest, home, folder)
            keep_manifest(folder, manifest)
    except steps.CannotReuse:
        return None
    return Outcome("nightly", manifest["totals"], steps.NO_FAULTS, notices, manifest, home.runs / run, review)
