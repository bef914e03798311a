"""The review of a run: what changed against what is ready, put together from exports and transforms. No Prefect."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exports import ready, standing
from exports.home import Home, Manifest

if TYPE_CHECKING:
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
    folder = ready.current(home)  # resolved once: a release meanwhile changes nothing here
    found = standing.standings(home, manifest, ready.rows_of(folder) if folder else [])
    return _put_together(home, manifest, found, folder, people_of_new)


def compare(home: Home, reports: Sequence[Mapping[str, Any]]) -> "list[Change]":
    """What each report of a run to be is against what is ready: new, changed or unchanged. Reads one manifest.

    `reports` are rows as a manifest has them: `account`, `account_id` and `sha256` are looked at.
    """
    before = standing.match(reports, ready.rows(home))
    return [standing.change_of(report, row) for report, row in zip(reports, before, strict=True)]


def _put_together(home: Home, manifest: Manifest, found: Sequence[standing.Standing], folder: Any, whole: bool) -> Any:
    from exports import review as parts
    from exports.stored import read_reports
    from transforms import alarms
    from transforms.changes import changes

    listed = whole or not parts.many_whole(found)
    accounts = parts.accounts_frame(home, manifest, found)
    changed = changes(
        read_reports(parts.before(home, found, folder, whole=listed)),
        read_reports(parts.after(home, manifest, found, whole=listed)),
    )
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
