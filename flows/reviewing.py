"""The review of a run: what changed against what is ready, put together from exports and transforms. No Prefect."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports import ready, standing
from exports.home import Home, Manifest

if TYPE_CHECKING:
    import polars as pl

    from schemas.review import Change, Review


def review(home: Home, run: str = "latest", *, people_of_new: bool = True) -> "Review":
    """The review of a run id or `latest`. Reads only; raises WrongUsage for an unknown run, NotAllowed if a report
    that must be compared is gone or altered.

    Without `people_of_new`, the people of new and gone accounts are counted but not listed where they are more than
    `exports.review.LISTED`: on a first night, nobody reads a million names.
    """
    return review_of(home, home.manifest(run), people_of_new=people_of_new)


def review_of(home: Home, manifest: Manifest, *, people_of_new: bool = True) -> "Review":
    """The review of a run whose manifest is at hand; its reports must stand in the run folder."""
    from exports import review as parts
    from transforms import alarms

    found, folder = standings(home, manifest)
    accounts = parts.accounts_frame(home, manifest, found)
    whole = people_of_new or not parts.many_whole(found)
    changed = changes(home, manifest, found, folder, whole=whole)
    return parts.assemble(
        home,
        manifest,
        found,
        accounts,
        changed,
        alarms.account_alarms(changed, accounts),
        alarms.run_alarms(changed, accounts, manifest["totals"]["rows_read"]),
        alarms.groups(changed, accounts),
    )


def standings(home: Home, manifest: Manifest) -> tuple[list[standing.Standing], Path | None]:
    """Where every account stands, and the folder that ready/ was then. A release meanwhile changes neither."""
    folder = ready.current(home)
    return standing.standings(home, manifest, ready.rows_of(folder) if folder else []), folder


def changes(
    home: Home,
    manifest: Manifest,
    found: Sequence[standing.Standing],
    folder: Path | None,
    *,
    whole: bool = True,
) -> "pl.DataFrame":
    """What changed in the accounts of `found`, as `transforms.changes` has it; `account` is the place in `found`.

    `whole`: new and gone accounts too.
    """
    from exports import review as parts
    from exports.stored import read_reports
    from transforms.changes import changes as compared

    return compared(
        read_reports(parts.before(home, found, folder, whole=whole)),
        read_reports(parts.after(home, manifest, found, whole=whole)),
    )


def compare(home: Home, reports: Sequence[Mapping[str, Any]]) -> "list[Change]":
    """What each report of a run to be is against what is ready: new, changed or unchanged. Reads one manifest.

    `reports` are rows as a manifest has them: `account`, `account_id` and `sha256` are looked at.
    """
    before = standing.match(reports, ready.rows(home))
    return [standing.change_of(report, row) for report, row in zip(reports, before, strict=True)]
