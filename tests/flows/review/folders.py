"""Run folders made by hand, and their release, for tests of what follows a run."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from exports.home.layout import Home
from flows.review.decide import decide
from flows.review.release import Release, release
from schemas.columns import HEADINGS
from schemas.manifest import Manifest
from tests.people import Label, Row, line_of, split

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def report(people: Sequence[Row], separator: str = ",") -> bytes:
    """The bytes of a report."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    ordered = sorted(people, key=lambda one: (one["Full Name"], one["Email"]))
    writer.writerows(map(line_of, ordered))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def release_all(home: Home, run: str = "latest", *, by: str = "Jo", reason: str = "", now: datetime = NOW) -> Release:
    """Approve every undecided account of a run, and release it."""
    decide(home, "approve", run, every=True, by=by, reason=reason, now=now)
    return release(home, run, now=now)


def keep_run(
    home: Home,
    accounts: Mapping[Label, Sequence[Row]],
    *,
    held: Sequence[tuple[Label, int]] = (),
    number: int = 1,
    kind: str = "nightly",
    separator: str = ",",
    files: Mapping[Label, str] | None = None,
    guarded: Sequence[Sequence[str]] = (),
) -> Manifest:
    """Make a run folder; accounts are "1 Contoso" (id and name), "Contoso" (no id), or a pair of id and name."""
    started = NOW + timedelta(days=number)
    run = f"{started:%Y%m%dT%H%M%SZ}-{kind}-{number:06x}"
    folder = home.runs / run / "reports"
    folder.mkdir(parents=True)
    reports = []
    for label, people in accounts.items():
        account_id, name = split(label)
        data = report(people, separator)
        file = (files or {}).get(label) or f"certifications-{name.lower()}-{account_id or 'none'}.csv"
        (folder / file).write_bytes(data)
        row = {"account": name, "account_id": account_id, "file": file, "rows": len(people), "bytes": len(data)}
        reports.append({**row, "sha256": hashlib.sha256(data).hexdigest(), "change": "new"})
    holds = [dict(zip(("account_id", "account"), split(label), strict=True)) for label, _ in held]
    rows = sum(row["rows"] for row in reports)
    rows_held = sum(count for _, count in held)
    if guarded:
        lines = [("account", "account_id", "row", "column", "cell"), *guarded]
        text = "".join(separator.join(line) + "\r\n" for line in lines)
        (folder.parent / "guarded.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    manifest = {
        "run": run,
        "kind": kind,
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "finished": f"{started:%Y-%m-%dT%H:%M:59Z}",
        "columns": "0" * 64,
        "source": {"kind": "file", "name": "export.csv", "sha256": "1" * 64, "rows": rows + rows_held},
        "totals": {
            "accounts": len(reports) + len(holds),
            "written": len(reports),
            "held": len(holds),
            "people": rows,
            "rows_read": rows + rows_held,
            "guarded_cells": len(guarded),
        },
        "reports": reports,
        "held": [{**one, "rows": count, "faults": 1} for one, (_, count) in zip(holds, held, strict=True)],
    }
    (folder.parent / "manifest.json").write_text(json.dumps(manifest))
    return manifest
