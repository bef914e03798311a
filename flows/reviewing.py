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
    return _put_together(home, manifest, *standings(home, manifest), people_of_new)


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


class Watched:
    """The review of one run for somebody who looks again and again.

    Reports are read and compared again only when a release has changed ready/; else only decisions are brought up to
    date. One call at a time.
    """

    def __init__(self, home: Home, run: str) -> None:
        self._home, self._manifest = home, home.manifest(run)
        self._folder: Path | None = None
        self._review: Review | None = None

    def now(self) -> "Review":
        """The review as it is now. Raises as `review` does."""
        found, folder = standings(self._home, self._manifest)
        if self._review is None or folder != self._folder:
            self._review = _put_together(self._home, self._manifest, found, folder, people_of_new=False)
            self._folder = folder
        decided = {(one.account, one.account_id, one.change): one.decision for one in found}
        for account in self._review["accounts"]:
            account["decision"] = decided[account["account"], account["account_id"], account["change"]]
        self._review["totals"]["to_decide"] = sum(one.decision == "missing" for one in found)
        return self._review


def compare(home: Home, reports: Sequence[Mapping[str, Any]]) -> "list[Change]":
    """What each report of a run to be is against what is ready: new, changed or unchanged. Reads one manifest.

    `reports` are rows as a manifest has them: `account`, `account_id` and `sha256` are looked at.
    """
    before = standing.match(reports, ready.rows(home))
    return [standing.change_of(report, row) for report, row in zip(reports, before, strict=True)]


def accounts_frame(home: Home, manifest: Manifest, found: Sequence[standing.Standing]) -> "pl.DataFrame":
    """What alarms need to know of the accounts, in the columns `transforms.alarms.ACCOUNTS`."""
    import polars as pl

    from exports.review import facts
    from transforms.alarms import ACCOUNTS

    return pl.DataFrame(facts(home, manifest, found), ACCOUNTS, orient="row")


def _put_together(
    home: Home, manifest: Manifest, found: Sequence[standing.Standing], folder: Path | None, people_of_new: bool
) -> "Review":
    from exports import review as parts
    from transforms import alarms

    accounts = accounts_frame(home, manifest, found)
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
