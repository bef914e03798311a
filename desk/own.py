"""What a partner's own run brought (`account`, or Pull now), where it is newer than the newest nightly run."""

from dataclasses import dataclass

from desk.current import CurrentRun
from desk.own_runs import OwnRuns, of_account
from desk.partners import Partner
from exports.home.status import AccountStatus, RunStatus
from exports.page.tables import change_lots, changes_table
from flows.review.build import review_of
from schemas.review import AccountReview, Review


@dataclass(frozen=True)
class Own:
    """A run of one account: its review and its status, as they are now."""

    run: RunStatus
    whole: Review
    review: AccountReview
    status: AccountStatus
    table: str  # HTML


def own(runs: OwnRuns, current: CurrentRun, partner: Partner) -> Own | None:
    """The partner's own run, if it is newer than the newest nightly run and brought other bytes than are ready."""
    run = runs.newest(partner.entry.account, partner.entry.account_id)
    nightly = current.now().status
    if run is None or (nightly and nightly.manifest["finished"] > run.manifest["finished"]):
        return None
    status = of_account(run, partner.entry.account, partner.entry.account_id)
    if status is None or status.change == "unchanged":
        return None
    review = review_of(run)
    one = next(one for one in review["accounts"] if run.accounts[one["place"]] == status)
    lots = change_lots(review["changes"])
    return Own(run, review, one, status, changes_table(one["account"], lots.get(one["place"], ())).decode())
