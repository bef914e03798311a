"""The review of one run, kept current while people decide."""

from pathlib import Path

from exports.home.layout import Home
from exports.home.status import run_status
from flows.review.build import decision_of, review_of
from schemas.review import Review


class LiveReview:
    """The review of one run for somebody who looks again and again.

    Reports are read and compared again only when a release has changed ready/; else only decisions are brought up to
    date. One call at a time.
    """

    def __init__(self, home: Home, run: str) -> None:
        self._home, self._manifest = home, home.manifest(run)
        self._ready: Path | None = None
        self._review: Review | None = None

    def now(self) -> Review:
        """The review as it is now. Raises as `review` does."""
        state = run_status(self._home, self._manifest)
        if self._review is None or state.ready != self._ready:
            self._review, self._ready = review_of(state, people_of_new=False), state.ready
        decided = {(one.account, one.account_id, one.change): decision_of(one) for one in state.accounts}
        for account in self._review["accounts"]:
            now = decided[account["account"], account["account_id"], account["change"]]
            account["decision"], account["by"] = now["decision"], now["by"]
            account["at"], account["reason"] = now["at"], now["reason"]
        self._review["newer"] = state.newer
        self._review["totals"]["to_decide"] = len(state.missing)
        return self._review
