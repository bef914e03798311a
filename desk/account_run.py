"""The review of an account's own run (`account`, or Pull now), if it is newer than the newest nightly run."""

from dataclasses import dataclass

from desk.account_runs import AccountRuns, status_of
from desk.current import CurrentRun
from desk.partners import Partner
from exports.home.status import AccountStatus, RunStatus
from exports.page.tables import change_lots, changes_table
from flows.review.build import review_of
from schemas.review import AccountReview, Review


@dataclass(frozen=True)
class AccountRun:
    """The current review and status of a run of one account."""

    run: RunStatus
    whole: Review
    review: AccountReview
    status: AccountStatus
    table: str  # HTML


def newest_account_run(runs: AccountRuns, current: CurrentRun, partner: Partner) -> AccountRun | None:
    """The partner's own run, if it is newer than the newest nightly run and its report is not ready already."""
    run = runs.newest(partner.entry.account, partner.entry.account_id)
    nightly = current.now().status
    if run is None or (nightly and nightly.manifest["finished"] > run.manifest["finished"]):
        return None
    status = status_of(run, partner.entry.account, partner.entry.account_id)
    if status is None or status.change == "unchanged":
        return None
    review = review_of(run)
    one = next(one for one in review["accounts"] if run.accounts[one["index"]] == status)
    lots = change_lots(review["changes"])
    return AccountRun(run, review, one, status, changes_table(one["account"], lots.get(one["index"], ())).decode())
