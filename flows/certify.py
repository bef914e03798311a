"""The pipeline: an export is read, checked, shaped, written as one report per account, proved, kept and compared.

The caller passes in `step`, which calls each stage: directly, with a progress bar, or as a Prefect task. What the
stages do is in `flows/steps.py`, which takes half a second to import: a thread does that while the export is being
read or pulled. Nothing here imports Prefect.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Literal, ParamSpec, Protocol, TypeVar

from exports.home import ready
from exports.home.layout import Home
from exports.home.runs import keep_manifest, staged
from flows.run_ids import Kind, new_run, now
from schemas.manifest import Manifest, Totals
from schemas.profiles import Profile
from schemas.review import Review
from sources.export import Export

if TYPE_CHECKING:
    import polars as pl

    from sources.impartner.pull import Progress

P = ParamSpec("P")
T = TypeVar("T")

STAGES = {
    "read": "Reading the users",
    "check": "Checking every row",
    "shape": "Selecting, renaming, marking",
    "write": "Writing and reading back reports",
    "prove": "Proving the reports",
    "keep": "Keeping the run",
    "compare": "Comparing with what partners have",
    "approve": "Approving",
    "release": "Releasing",
    "draft": "Making the drafts",
}


class Step(Protocol):
    """Calls a stage, given its name, its function and the arguments."""

    def __call__(self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the function and return its result."""
        ...


def directly(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a stage with nothing around it: no progress bar, no task."""
    return function(*args, **kwargs)


@dataclass(frozen=True)
class Job:
    """A request for reports: where the export comes from, and of which account, if not of all."""

    kind: Kind
    read: Callable[[], Export]
    profile: Profile = "intl"
    account: str | None = None  # name or id; None: all accounts
    file: Path | None = None  # what `read` reads; None: it pulls
    encoding: str | None = None  # of a text file that is not UTF-8, if a person gave one
    started: str = field(default_factory=now)


@dataclass(frozen=True)
class Outcome:
    """The result of a job. `manifest` and `run_dir` are None if nothing was kept; `faults` may hold personal data."""

    kind: Kind
    totals: Totals
    faults: pl.DataFrame
    notices: tuple[str, ...]
    manifest: Manifest | None = None
    run_dir: Path | None = None
    review: Review | None = None

    @property
    def run(self) -> str:
        """The run's id; "" if nothing was kept."""
        return self.run_dir.name if self.run_dir else ""

    @property
    def status(self) -> Literal["complete", "held"]:
        """`held` if an account is held back."""
        return "held" if self.totals["held"] else "complete"


def certify(job: Job, home: Home | None, step: Step = directly, export: Export | None = None) -> Outcome:
    """Make one validated report per account and keep them as a run of this home; without a home, keep nothing.

    `export`: if it has been read already.
    """
    begin(job)
    export = export or step("read", job.read)
    from flows import steps  # late: a thread has imported it while the export was read

    people, findings = step("check", steps.check, export, job.account, partial(ready.rows, home) if home else list)
    known_accounts = export.accounts
    del export  # with a million people, memory is short: drop each frame once the next one exists
    shaped = step("shape", steps.shape, people, job.profile)
    del people
    if home is None:
        step("prove", steps.prove, shaped.lines)
        return Outcome(job.kind, steps.totals(findings, shaped), findings.faults, findings.notices)
    run = new_run(job.kind, job.started)
    with home.writing(), staged(home, run) as folder:
        written = step("write", steps.write, shaped.lines, findings.accounts, home, folder)
        step("keep", steps.keep, findings, shaped, folder)
        if known_accounts is not None:
            steps.keep_contacts(home, known_accounts, folder, every=job.account is None)
        manifest = steps.manifest_of(run, job.kind, job.started, findings, shaped, written)
        review = step("compare", steps.compare, manifest, home, folder)
        keep_manifest(folder, manifest)
    return Outcome(job.kind, manifest["totals"], findings.faults, findings.notices, manifest, home.runs / run, review)


def progress_text(progress: Progress) -> str:
    """The progress of a pull in words."""
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
    return f"{STAGES['read']}: {progress.users:,} of {progress.of:,}{left}"


def begin(job: Job) -> None:
    """Start importing the steps if the job reads a file. A pull starts that itself, after its first requests."""
    if job.file is not None:
        import_steps()


@cache
def import_steps() -> None:
    """Import the steps in a thread, because it takes half a second. Once per process."""
    Thread(target=_import_steps, name="imports", daemon=True).start()


def _import_steps() -> None:
    with suppress(Exception):  # what fails here fails again where the steps are needed
        import_module("flows.steps")
        import_module("schemas.stages").prepare()
        import_module("exports.page.render").prepare()
