"""What the command says: summaries for people, one JSON object for machines. Nothing is worked out here.

Standard output is the asking person's and may name people; standard error speaks of accounts and rows only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from exports.home import Manifest
    from flows.certify import Outcome
    from schemas.errors import ExportRefused

LISTED = 100  # faults in --json; the run folder has all
SHOWN = 10  # faults on a screen
FAULT_KEYS = ("account", "row", "column", "found", "rule", "remedy")


def print_json(value: object) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """A run as `nightly --json`, `account --json` and `check --json` tell it."""
    run_dir = outcome.run_dir
    return {
        "run": run_dir.name if run_dir else None,
        "kind": outcome.kind,
        "status": outcome.status,
        "run_dir": str(run_dir) if run_dir else None,
        "manifest": str(run_dir / "manifest.json") if run_dir else None,
        "totals": outcome.totals,
        "faults": outcome.faults.head(LISTED).select(FAULT_KEYS).to_dicts(),
    }


def refused_json(kind: str, refused: ExportRefused) -> dict[str, Any]:
    """A refused export in the same shape: nothing was written."""
    faults = [{key: getattr(fault, key) for key in FAULT_KEYS} for fault in refused.faults[:LISTED]]
    return {
        "run": None,
        "kind": kind,
        "status": "refused",
        "run_dir": None,
        "manifest": None,
        "totals": dict.fromkeys(("accounts", "written", "held", "people", "rows_read", "guarded_cells"), 0),
        "faults": faults or [dict.fromkeys(FAULT_KEYS) | {"rule": str(refused), "remedy": _remedy(str(refused))}],
    }


def print_outcome(outcome: Outcome) -> None:
    """The summary of a run for a person."""
    totals = outcome.totals
    people, written, held = totals["people"], totals["written"], totals["held"]
    typer.echo(
        f"{_many(written, 'report')} with {_many(people, 'person', 'people')}, from {_many(totals['rows_read'], 'row')}."
    )
    if totals["guarded_cells"]:
        typer.echo(f"{_many(totals['guarded_cells'], 'cell')} looked like a formula and got an apostrophe in front.")
    if held:
        typer.echo(f"{_many(held, 'account')} held back; nothing of {'it' if held == 1 else 'them'} goes out:")
        print_faults(outcome.faults.select(FAULT_KEYS).to_dicts())
    if outcome.run_dir:
        typer.echo(f"Run {outcome.run_dir.name}")


def print_faults(faults: Sequence[Mapping[str, Any]]) -> None:
    """Faults as row, column, found, rule, remedy; the first of them if there are many."""
    for fault in faults[:SHOWN]:
        where = ", ".join(
            part
            for part in (
                fault["account"] or "(no account)" if fault["account"] is not None else "",
                f"row {fault['row']}" if fault["row"] else "",
                str(fault["column"] or ""),
            )
            if part
        )
        found = "" if fault["found"] is None else f" Found: {fault['found']!r}."
        typer.echo(f"  {where}: {fault['rule']}.{found}\n    {fault['remedy']}.")
    if len(faults) > SHOWN:
        typer.echo(f"  and {len(faults) - SHOWN} more faults: all are in faults.csv of the run, or in --json")


def print_runs(manifests: Sequence[Manifest]) -> None:
    """One line a run, newest first."""
    if not manifests:
        typer.echo("There is no run yet. Start one with: partner-certs nightly")
    for manifest in manifests:
        totals = manifest["totals"]
        typer.echo(
            f"{manifest['run']}  {manifest['started']}  {status_of(manifest):8}  "
            f"{_many(totals['written'], 'report')}, {totals['held']} held"
        )


def print_run(manifest: Manifest, folder: str) -> None:
    """One run: its source, its counts, its accounts."""
    totals, source = manifest["totals"], manifest["source"]
    typer.echo(f"Run {manifest['run']}: {status_of(manifest)}, from {manifest['started']} to {manifest['finished']}")
    typer.echo(
        f"From {source['name']}: {_many(totals['rows_read'], 'row')}, {_many(totals['people'], 'person', 'people')} in reports"
    )
    for report in manifest["reports"]:
        typer.echo(f"  {report['change']:9}  {report['rows']:>6}  {report['account']}  {report['file']}")
    for account in manifest["held"]:
        name = account["account"] or "(no account)"
        typer.echo(f"  held       {account['rows']:>6}  {name}  {_many(account['faults'], 'fault')}: see faults.csv")
    typer.echo(folder)


def status_of(manifest: Manifest) -> str:
    """`complete`, or `held` if an account was held back."""
    return "held" if manifest["totals"]["held"] else "complete"


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _remedy(message: str) -> str:
    return message.rpartition(". ")[2]
