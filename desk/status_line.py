"""The status on a partner's page: one sentence that says whether its report may be sent."""

from desk.account import decided
from desk.account_run import AccountRun
from desk.partners import Partner
from desk.pulls import Pull
from exports.home.status import AccountStatus
from schemas.review import AccountReview
from schemas.words import moment, plural


def status_line(
    partner: Partner, review: AccountReview | None, account_run: AccountRun | None, pull: Pull | None
) -> str:
    """The sentence. `review`: of the account in the newest nightly run, if it needs a decision."""
    if pull and pull.is_running:
        return pull.message
    meanwhile = f"; what was approved on {partner.ready['approved_at'][:10]} is ready" if partner.ready else ""
    if account_run:
        return (
            _of_status(account_run.status, account_run.review, "what was pulled") or _ready(partner, account_run.status)
        ) + meanwhile
    if partner.status and not partner.is_superseded:
        waiting = _of_status(partner.status, review, "the export")
        return waiting + meanwhile if waiting else _ready(partner, partner.status)
    return _ready(partner, None)


# ---------------------------------------------------------------------------------------------------------------------


def _of_status(one: AccountStatus, review: AccountReview | None, source: str) -> str:
    """What keeps the newest report from being sent; "" if nothing does."""
    if one.held:
        return f"Held: {plural(one.held['faults'], 'fault')} in {source}"
    if one.decision != "missing":
        return ""
    count = max(1, _changes(review))
    what = {"new": ", a first report", "gone": ": gone from the export"}.get(one.change, "")
    return f"{plural(count, 'change')} {'waits' if count == 1 else 'wait'} for review{what}"


def _changes(review: AccountReview | None) -> int:
    if review is None:
        return 1
    if review["change"] == "new":
        return review["rows"]
    if review["change"] == "gone":
        return review["rows_before"]
    return sum(review["counts"].values()) + bool(review["renamed_from"])


def _ready(partner: Partner, one: AccountStatus | None) -> str:
    newest = decided(one) if one else {"decision": "not needed", "by": ""}
    waits = {"approved": "approved, waits for the release", "held": "on hold", "rejected": "rejected"}
    state = waits.get(newest["decision"], "")
    by = f" by {newest['by']}" if state else ""
    if partner.ready is None:
        return f"Nothing yet: {state}{by}" if state else "Nothing yet"
    ready = f"Ready since {moment(partner.ready['approved_at'])[:10]}, approved by {partner.ready['approved_by']}"
    return f"{ready}. The newest change is {state}{by}" if state else ready
