"""The sentence: an export comes in, is checked, shaped, written as one report per account, proved, kept and compared.

Plain functions in order; `step` is how whoever conducts calls each of them: directly, with a progress bar, or as a
Prefect task. What the steps do is in `flows/steps.py`, which takes half a second to import: a thread does that
while the export is being read or pulled. Nothing here imports Prefect.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
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
    """How a step is called: its name, the function, its arguments."""

    def __call__(self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the function and give what it gives."""
        ...


def directly(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """A step is just called."""
    return function(*args, **kwargs)


@dataclass(frozen=True)
class Job:
    """What is asked for: where the export comes from, and whether all accounts are wanted or one."""

    kind: Kind
    read: Callable[[], Export]
    profile: Profile = "intl"
    account: str | None = None  # name or id
    file: Path | None = None  # what `read` reads; None: it is pulled
    encoding: str | None = None  # of a file that is text and not UTF-8, if a person gave one
    started: str = field(default_factory=now)  # when it was asked for


@dataclass(frozen=True)
class Outcome:
    """What came of it. `manifest` and `run_dir` are None if nothing was kept; `faults` may hold personal data."""

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
    """An export in, one validated report per account out, kept as a run of this home; without one nothing is kept.

    `export`: if it has been read already.
    """
    begin(job)
    export = export or step("read", job.read)
    from flows import steps  # late: a thread imports it meanwhile

    people, findings = step("check", steps.check, export, job.account, partial(ready.rows, home) if home else list)
    known_accounts = export.accounts
    del export  # with a million people, memory is short: each frame goes when the next one is there
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


def rehearse(job: Job, step: Step = directly) -> Outcome:
    """Everything that `certify` does, without keeping anything."""
    return certify(job, None, step)


def progress_text(progress: Progress) -> str:
    """How far a pull is, in words."""
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
    return f"{STAGES['read']}: {progress.users:,} of {progress.of:,}{left}"


def begin(job: Job) -> None:
    """Have the steps imported while a file is being read. A pull begins that itself, after its first questions."""
    if job.file is not None:
        import_steps()


def import_steps() -> None:
    """Have a thread import the steps: half a second that nobody waits for while the export is being read."""
    Thread(target=_import_steps, name="imports", daemon=True).start()


def _import_steps() -> None:
    with suppress(Exception):  # what fails here fails again where the steps are needed
        import_module("flows.steps")
        import_module("schemas.stages").prepare()
        import_module("exports.page.render").prepare()
