"""Output about runs: summaries for people, and their part of the JSON object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.output import FAULT_KEYS, LISTED, line, print_faults
from exports.home.layout import MANIFEST
from schemas.manifest import Manifest
from schemas.review import headline
from schemas.words import plural

if TYPE_CHECKING:  # `runs` would wait for everything that a run imports
    from flows.certify import Outcome


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """A run as `nightly --json`, `account --json` and `check --json` have it."""
    run_dir = outcome.run_dir
    return {
        "run": run_dir.name if run_dir else None,
        "kind": outcome.kind,
        "status": outcome.status,
        "run_dir": str(run_dir) if run_dir else None,
        "manifest": str(run_dir / MANIFEST) if run_dir else None,
        "totals": outcome.totals,
        "faults": outcome.faults.head(LISTED).select(FAULT_KEYS).to_dicts(),
        "notices": list(outcome.notices),
    }


def print_outcome(outcome: Outcome) -> None:
    """Print the summary of a run."""
    totals = outcome.totals
    reports, people = plural(totals["written"], "report"), plural(totals["people"], "person", "people")
    line(f"{reports} with {people}, from {plural(totals['rows_read'], 'row')}.")
    if totals["guarded_cells"]:
        line(f"{plural(totals['guarded_cells'], 'cell')} looked like a formula and got an apostrophe in front.")
    if held := totals["held"]:
        line(f"{plural(held, 'account')} held back; no report of {'it' if held == 1 else 'them'} goes out:")
        print_faults(outcome.faults.select(FAULT_KEYS).to_dicts(), outcome.run_dir)
    if outcome.review and outcome.kind == "nightly":
        line(f"{headline(outcome.review['totals'])}.")
        line(f"To review: {outcome.review['page']}")
    if outcome.run_dir:
        line(f"Run {outcome.run_dir.name}")


def run_json(manifest: Manifest) -> dict[str, Any]:
    """A run as `runs --json` lists it."""
    return {
        "run": manifest["run"],
        "kind": manifest["kind"],
        "started": manifest["started"],
        "status": status_of(manifest),
        "totals": manifest["totals"],
    }


def print_runs(manifests: Sequence[Manifest]) -> None:
    """Print one line per run, newest first."""
    if not manifests:
        line("There is no run yet. Start one with: partner-certs nightly")
    for manifest in manifests:
        totals = manifest["totals"]
        line(
            f"{manifest['run']}  {manifest['started']}  {status_of(manifest):8}  "
            f"{plural(totals['written'], 'report')}, {totals['held']} held"
        )


def print_run(manifest: Manifest, folder: Path) -> None:
    """Print one run: its source, its counts, its accounts."""
    totals, source = manifest["totals"], manifest["source"]
    line(f"Run {manifest['run']}: {status_of(manifest)}, from {manifest['started']} to {manifest['finished']}")
    people = plural(totals["people"], "person", "people")
    line(f"From {source['name']}: {plural(totals['rows_read'], 'row')}, {people} in reports")
    for report in manifest["reports"]:
        line(f"  {report['change']:9}  {report['rows']:>6}  {report['account']}  {report['file']}")
    for account in manifest["held"]:
        name = account["account"] or "(no account)"
        line(f"  held       {account['rows']:>6}  {name}  {plural(account['faults'], 'fault')}: see faults.csv")
    line(folder)


def status_of(manifest: Manifest) -> str:
    """`complete`, or `held` if an account was held back."""
    return "held" if manifest["totals"]["held"] else "complete"
