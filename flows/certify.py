"""The sentence: an export comes in, is checked, shaped, written as one report per account, proved, kept and compared.

Plain functions in order; `step` is how whoever conducts calls each of them: directly, with a progress bar, or as a
Prefect task. Nothing here imports Prefect, and polars only once there is an export to read: a person waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar

from flows.ahead import import_ahead
from flows.run_ids import Kind, new_run, now

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from exports.home.layout import Home, Manifest
    from exports.reports.encode import Lines
    from exports.reports.write import Gather
    from schemas.manifest import Source
    from schemas.profiles import Profile
    from schemas.review import Review
    from sources.export import Export
    from sources.impartner.pull import Progress

Known = Callable[[], Sequence[Mapping[str, Any]]]  # rows of a manifest
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
}


class Step(Protocol):
    """How a stage is called: its name, the function, its arguments."""

    def __call__(self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the function and give what it gives."""
        ...


def directly(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """A stage is just called."""
    return function(*args, **kwargs)


def so_far(pulled: Progress) -> str:
    """How far a pull is, in words."""
    left = "" if pulled.seconds_left is None else f", {pulled.seconds_left:.0f} s left"
    return f"{STAGES['read']}: {pulled.users:,} of {pulled.of:,}{left}"


@dataclass(frozen=True)
class Job:
    """What is asked for: where the export comes from, and whether all accounts are wanted or one."""

    kind: Kind
    read: Callable[[], Export]
    profile: Profile = "intl"
    account: str | None = None  # name or id
    file: Path | None = None  # what `read` reads; None: it is pulled
    started: str = field(default_factory=now)  # when it was asked for


@dataclass(frozen=True)
class Findings:
    """What is known of the export without its people: its source, its accounts (`transforms.hold_back`), its faults."""

    source: Source
    notices: tuple[str, ...]
    accounts: pl.DataFrame
    faults: pl.DataFrame


@dataclass(frozen=True)
class Shaped:
    """The finished lines of all reports, and the cells that got an apostrophe (`transforms.guard.guarded_cells`)."""

    lines: Lines
    guarded: pl.DataFrame


@dataclass(frozen=True)
class Outcome:
    """What came of it. `manifest` and `run_dir` are None if nothing was kept; `faults` may hold personal data."""

    kind: Kind
    totals: dict[str, int]
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


def certify(job: Job, home: Home, step: Step = directly) -> Outcome:
    """An export in, one validated report per account out, kept as a run."""
    run = new_run(job.kind, job.started)
    from exports.home import ready

    findings, shaped = _prepare(job, step, lambda: ready.rows(home))
    from exports.home.runs import keep_manifest, staged
    from flows.review.build import compare

    with home.writing(), staged(home, run) as folder:
        written = step("write", write, shaped.lines, findings.accounts, home, folder)
        step("keep", keep, findings, shaped, folder)
        manifest = _manifest(run, job, findings, shaped, written)
        review = step("compare", compare, manifest, home, folder)
        keep_manifest(folder, manifest)
    return Outcome(job.kind, manifest["totals"], findings.faults, findings.notices, manifest, home.runs / run, review)


def rehearse(job: Job, step: Step = directly) -> Outcome:
    """Everything that `certify` does, without keeping anything."""
    findings, shaped = _prepare(job, step, list)
    from exports.reports.write import prove_reports

    step("prove", prove_reports, shaped.lines)
    return Outcome(job.kind, _totals(findings, shaped), findings.faults, findings.notices)


def _prepare(job: Job, step: Step, known: Known) -> tuple[Findings, Shaped]:
    """Read, check, shape. The frames of all people end here: with a million of them, memory is what is short."""
    import_ahead()
    export = step("read", job.read)
    *people, findings = step("check", check, export, job.account, known)
    del export
    return findings, step("shape", shape, people, job.profile)


def check(export: Export, account: str | None, known: Known) -> tuple[pl.DataFrame, Findings]:
    """Find every fault, and hold back the accounts that have one. With `account`, all others are left out.

    `known`: asked which accounts have a report in ready/ if the export does not name any.
    Gives the people who are fit, as a SELECTED frame, and all findings.
    """
    from concurrent.futures import ThreadPoolExecutor

    from schemas.faults import ROW_TRUTHS
    from schemas.stages import SOURCE, find_faults, validate
    from transforms.accounts import identify, only
    from transforms.file_names import name_files
    from transforms.hold_back import hold_back
    from transforms.people import join_accounts, shared_addresses
    from transforms.select import select

    validate(SOURCE, export.frame)
    selected = select(_with_account(export.frame, account, known))
    with ThreadPoolExecutor(2) as beside:
        shared = beside.submit(shared_addresses, selected)
        accounts = identify(selected)
        named = beside.submit(name_files, accounts.table)
        if account is not None:
            from flows.find_account import choose

            accounts, selected = only(choose(accounts.table, account), accounts, selected)
        people = join_accounts(selected, accounts, shared.result())
        found = find_faults(people)
    table, faults = hold_back(accounts, named.result(), found, selected)
    held = table.filter("held")["account"]
    fit = people if held.is_empty() else people.filter(~people["account"].is_in(held.implode()))
    return fit.drop(ROW_TRUTHS), Findings(export.source, export.notices, table, faults)


def shape(people: list[pl.DataFrame], profile: Profile) -> Shaped:
    """The three documented transforms, the guard against formulas, and the lines that they make.

    `people` has the one frame of them, which is taken out of it: what is marked needs no room any more.
    """
    from exports.reports.encode import compose
    from schemas.cells import columns_to_guard
    from schemas.columns import TEXT_HEADINGS
    from schemas.stages import RENAMED, REPORT, holds, validate
    from transforms.guard import guard, guarded_cells
    from transforms.mark import mark
    from transforms.rename import rename

    renamed = rename(people.pop())
    validate(RENAMED, renamed)
    marked = mark(renamed)
    del renamed
    report, suspects = marked.drop("row"), list[str]()
    if not holds(REPORT, report):  # most nights there is nothing to guard, and this has proved it
        suspects = columns_to_guard(marked, TEXT_HEADINGS)
        report = guard(report, suspects)
        validate(REPORT, report)
    return Shaped(compose(report, profile), guarded_cells(marked, suspects))


def write(lines: Lines, accounts: pl.DataFrame, home: Home, folder: Path, gather: Gather | None = None) -> pl.DataFrame:
    """Write, read back and prove the reports: `account`, `rows`, `bytes`, `sha256`, `change` of each.

    gather: who writes the batches; threads of this process if nobody else.
    """
    from exports.home.layout import REPORTS
    from exports.home.runs import sync_meanwhile
    from exports.reports.write import in_threads, ready_reports, write_reports

    before = ready_reports(home, accounts)
    written = write_reports(lines, accounts, folder / REPORTS, before, gather or in_threads)
    sync_meanwhile(folder)
    return written


def keep(findings: Findings, shaped: Shaped, folder: Path) -> None:
    """Put faults and guarded cells into the run's folder."""
    from exports.home.layout import FAULTS, GUARDED
    from exports.home.runs import put_table
    from transforms.guard import guard
    from transforms.hold_back import FAULT_COLUMNS

    profile = shaped.lines.profile
    names = findings.accounts.select("account", name="name", account_id="account_id")
    guarded = (
        shaped.guarded.join(names, on="account", maintain_order="left").drop("account").rename({"name": "account"})
    )
    faults = findings.faults.select(FAULT_COLUMNS)
    texts = ("account", "account_id", "found")
    put_table(folder / FAULTS, guard(faults, texts), profile)
    put_table(folder / GUARDED, guard(guarded.select(*GUARDED_COLUMNS), ("account", "account_id", "cell")), profile)


GUARDED_COLUMNS = ("account", "account_id", "row", "column", "cell")


def _with_account(frame: pl.DataFrame, account: str | None, known: Known) -> pl.DataFrame:
    """A file without an account column is all accounts' for nobody, and one account's for who names it."""
    import polars as pl

    from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME
    from schemas.errors import ExportRefused
    from schemas.faults import missing_column
    from schemas.headings import match

    if match(frame.columns).keys() & {ACCOUNT_ID, ACCOUNT_NAME}:
        return frame
    if account is not None:
        from flows.find_account import identity

        name, account_id = identity(account, known())
        return frame.with_columns(
            pl.lit(account_id, pl.String).alias(ACCOUNT_ID), pl.lit(name, pl.String).alias(ACCOUNT_NAME)
        )
    raise ExportRefused(
        "The export has no account column, so nobody can tell whose people these are. "
        "Add the field 'Account Name' (and 'Account ID') to the export in Impartner and download it again",
        [missing_column(ACCOUNT_NAME, frame.columns[1:])],
    )


def _totals(findings: Findings, shaped: Shaped) -> dict[str, int]:
    accounts, held = findings.accounts.height, int(findings.accounts["held"].sum())
    return {
        "accounts": accounts,
        "written": accounts - held,
        "held": held,
        "people": shaped.lines.height,
        "rows_read": int(findings.accounts["rows"].sum()),
        "guarded_cells": shaped.guarded.height,
    }


def _manifest(run: str, job: Job, findings: Findings, shaped: Shaped, written: pl.DataFrame) -> Manifest:
    from schemas.columns import fingerprint

    names = findings.accounts.select("account", "name", "account_id", "file", "held", "faults", total="rows")
    reports = written.join(names, on="account", maintain_order="left")
    held = names.filter("held")
    return {
        "run": run,
        "kind": job.kind,
        "started": job.started,
        "finished": now(),
        "columns": fingerprint(),
        "source": findings.source,
        "totals": _totals(findings, shaped),
        "reports": reports.select("account_id", "file", "rows", "bytes", "sha256", "change", account="name")
        .select("account", "account_id", "file", "rows", "bytes", "sha256", "change")
        .to_dicts(),
        "held": held.select("account_id", "faults", account="name", rows="total")
        .select("account", "account_id", "rows", "faults")
        .to_dicts(),
    }
