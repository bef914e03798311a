"""What a run found and made, and the manifest that says so.

The stages in `flows/steps.py` work these out, and `exports/home/runs.py` writes the manifest into the run's folder.
"""

from dataclasses import dataclass
from typing import cast

import polars as pl

from exports.reports.encode import Lines
from flows.run_ids import Kind, now
from schemas.columns import fingerprint
from schemas.manifest import HeldRow, Manifest, ReportRow, Source, Totals

_REPORT = ("file", "rows", "bytes", "sha256", "change")


@dataclass(frozen=True)
class Findings:
    """What is known of an export besides its people: its source, its accounts (`transforms.hold_back`), its faults.

    garbled: the cells whose letters were decoded twice (`transforms.garbled`).
    """

    source: Source
    notices: tuple[str, ...]
    accounts: pl.DataFrame
    faults: pl.DataFrame
    garbled: pl.DataFrame


@dataclass(frozen=True)
class Shaped:
    """The finished lines of all reports, and the cells that got an apostrophe (`transforms.guard.guarded_cells`)."""

    lines: Lines
    guarded: pl.DataFrame


def manifest_of(
    run: str, kind: Kind, started: str, findings: Findings, shaped: Shaped, written: pl.DataFrame
) -> Manifest:
    """The run's manifest. written: what `steps.write` returned."""
    names = findings.accounts.select("account", "name", "account_id", "file", "held", "faults", total="rows")
    reports = written.join(names, on="account", maintain_order="left")
    held, name = names.filter("held"), pl.col("name").alias("account")
    return {
        "run": run,
        "kind": kind,
        "started": started,
        "finished": now(),
        "columns": fingerprint(),
        "source": findings.source,
        "totals": totals(findings, shaped),
        "reports": cast("list[ReportRow]", reports.select(name, "account_id", *_REPORT).to_dicts()),
        "held": cast("list[HeldRow]", held.select(name, "account_id", rows="total", faults="faults").to_dicts()),
    }


def totals(findings: Findings, shaped: Shaped) -> Totals:
    """The counts of a run."""
    accounts, held = findings.accounts.height, int(findings.accounts["held"].sum())
    return {
        "accounts": accounts,
        "written": accounts - held,
        "held": held,
        "people": shaped.lines.height,
        "rows_read": int(findings.accounts["rows"].sum()),
        "guarded_cells": shaped.guarded.height,
    }
