"""The same export again: what was proved is not worked out a second time.

An export that is the same to the byte as that of the last nightly run makes the same reports, as long as the table, the
profile and the program are the same. Then the reports are hashed again and linked from that run. Anything else, also a
report that was altered since or an account that was held, goes the whole way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.certify import Order, Outcome, Step, certify, compare, directly, import_ahead
from flows.stamps import made_by, new_run, now

if TYPE_CHECKING:
    from pathlib import Path

    from exports.home import Home, Manifest
    from sources.export import Export


def certify_or_repeat(order: Order, home: Home, step: Step = directly) -> Outcome:
    """As `certify`, by way of the last nightly run if this one can't be another."""
    started = now()
    import_ahead()
    taken = [step("read", order.read)]
    earlier = _same(taken[0], order, home)
    if earlier is None:
        return certify(replace(order, read=taken.pop), home, step)  # which lets go of the frame when it is done with
    return _repeat(earlier, started, taken[0].notices, home, step)


def _same(export: Export, order: Order, home: Home) -> Manifest | None:
    from exports.home import REPORTS
    from exports.reports import are_intact
    from schemas.columns import fingerprint

    last = next((manifest for manifest in home.manifests() if manifest["kind"] == order.kind), None)
    if last is None or last["held"]:
        return None
    then = (last["source"]["sha256"], last["columns"], last["made_by"])
    same = then == (export.sha256, fingerprint(), made_by(order.profile))
    return last if same and are_intact(last["reports"], home.runs / last["run"] / REPORTS) else None


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
    link_reports(earlier["reports"], before / REPORTS, folder / REPORTS)
    if earlier["totals"]["guarded_cells"]:
        (folder / GUARDED).hardlink_to(before / GUARDED)
