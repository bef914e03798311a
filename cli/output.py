"""What the command says: summaries for people, one JSON object for machines. Nothing is worked out here.

Standard output is the asking person's and may name people; standard error speaks of accounts and rows only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schemas.errors import ExportRefused, Stop
from schemas.words import plural

if TYPE_CHECKING:
    from exports.home.layout import Manifest
    from flows.certify import Outcome

LISTED = 100  # faults in --json; the run folder has all
SHOWN = 10  # faults on a screen
TOTALS = ("accounts", "written", "held", "people", "rows_read", "guarded_cells")
FAULT_KEYS = ("account", "row", "person", "user_id", "column", "found", "rule", "remedy")


def print_json(value: object) -> None:
    """One JSON object on standard output; in a pipe on one line, which is made four times quicker."""
    is_utf8 = sys.stdout.encoding.lower() == "utf-8"
    text = json.dumps(value, ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    write(text.encode(errors="backslashreplace").decode())  # bytes of a file name that are no text: as JSON has them


def line(text: object) -> None:
    """A line for a person, on standard output."""
    write(escape(str(text)))


def write(text: str) -> None:
    """Text on standard output. Once its reader has seen enough, the work goes on, and its exit status is the same."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), sys.stdout.fileno())


def escape(text: str) -> str:
    """The text with control characters, line ends and changes of writing direction shown as codes.

    Partners typed the names in it: they must not steer the terminal, nor make a line read as what it is not.
    """
    return text.translate(_CODES)


def tell_outcome(outcome: Outcome, *, json: bool) -> None:
    """What came of a run, for a machine or for a person."""
    if json:
        print_json(outcome_json(outcome))
    else:
        print_outcome(outcome)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """A run as `nightly --json`, `account --json` and `check --json` tell it."""
    from exports.home.layout import MANIFEST

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


def stopped_json(kind: str | None, stop: Stop) -> dict[str, Any]:
    """A command that was stopped: a run in the same shape as one that was not, anything else as its message.

    The outside knows a refused export by its faults, so one without any gets the message as its fault.
    """
    message = str(stop)
    if kind is None:
        return {"error": message}
    known = stop.faults if isinstance(stop, ExportRefused) else ()
    faults = [{key: getattr(fault, key) for key in FAULT_KEYS} for fault in known[:LISTED]]
    told = dict.fromkeys(FAULT_KEYS) | {"rule": message, "remedy": message.rpartition(". ")[2]}
    return {
        "run": None,
        "kind": kind,
        "status": "refused" if isinstance(stop, ExportRefused) else "failed",
        "run_dir": None,
        "manifest": None,
        "totals": dict.fromkeys(TOTALS, 0),
        "faults": faults or [told],
        "notices": list(stop.notices) if isinstance(stop, ExportRefused) else [],
    }


def run_json(manifest: Manifest) -> dict[str, Any]:
    """A run as `runs --json` lists it."""
    told = {key: manifest[key] for key in ("run", "kind", "started")}
    return told | {"status": status_of(manifest), "totals": manifest["totals"]}


def print_outcome(outcome: Outcome) -> None:
    """The summary of a run for a person."""
    totals = outcome.totals
    reports, people = plural(totals["written"], "report"), plural(totals["people"], "person", "people")
    line(f"{reports} with {people}, from {plural(totals['rows_read'], 'row')}.")
    if totals["guarded_cells"]:
        line(f"{plural(totals['guarded_cells'], 'cell')} looked like a formula and got an apostrophe in front.")
    if held := totals["held"]:
        line(f"{plural(held, 'account')} held back; nothing of {'it' if held == 1 else 'them'} goes out:")
        print_faults(outcome.faults.select(FAULT_KEYS).to_dicts(), outcome.run_dir)
    if outcome.review and outcome.kind == "nightly":
        from schemas.review import verdict

        line(f"{verdict(outcome.review['totals'])}.")
        line(f"To review: {outcome.review['page']}")
    if outcome.run_dir:
        line(f"Run {outcome.run_dir.name}")


def print_faults(faults: Sequence[Mapping[str, Any]], run_dir: Path | None = None) -> None:
    """Faults with where they are, what was found, rule, remedy; the first of them if there are many.

    run_dir: of the run, if kept.
    """
    for fault in faults[:SHOWN]:
        where = ", ".join(filter(None, _where(fault)))
        found = "" if fault["found"] is None else f" Found: {fault['found']!r}."
        person = f" Person: {fault['person']}." if fault["person"] else ""
        line(f"  {where}: {fault['rule']}.{found}{person}")
        line(f"    {fault['remedy']}.")
    if len(faults) > SHOWN:
        where = f"faults.csv of {run_dir}" if run_dir else f"--json tells the first {LISTED}"
        line(f"  and {len(faults) - SHOWN} more faults: {where}")


def _where(fault: Mapping[str, Any]) -> Iterator[str | None]:
    if fault["account"] is not None:
        yield fault["account"] or "(no account)"
    if fault["row"]:
        yield f"row {fault['row']}"
    if fault["user_id"]:
        yield f"user {fault['user_id']}"
    yield fault["column"]


def print_runs(manifests: Sequence[Manifest]) -> None:
    """One line a run, newest first."""
    if not manifests:
        line("There is no run yet. Start one with: partner-certs nightly")
    for manifest in manifests:
        totals = manifest["totals"]
        line(
            f"{manifest['run']}  {manifest['started']}  {status_of(manifest):8}  "
            f"{plural(totals['written'], 'report')}, {totals['held']} held"
        )


def print_run(manifest: Manifest, folder: Path) -> None:
    """One run: its source, its counts, its accounts."""
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


_STEERING = {*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}
_CODES = {code: f"\\u{code:04x}" for code in _STEERING}
