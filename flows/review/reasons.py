"""Which decisions need a reason, and why: the only place of this rule. Pages get it as data."""

from collections.abc import Mapping

from exports.home.status import AccountStatus
from flows.review.compare import Counts

ALWAYS_REASONED: Mapping[str, str] = {
    "hold": "Not now: partners keep what they have.",
    "reject": "Never these bytes: a later run with the same ones stays rejected.",
}
LOSS = "Somebody loses a course in {}"
HALF = "Half or more of the people left {}"
GONE = "The report of {} is taken out of ready/"
MANY = 3  # people who left; in a smaller account, half of the people is not unusual


def reasons(one: AccountStatus, counts: Counts) -> Mapping[str, str]:
    """The decisions about an account that need a reason, each with a sentence that says why."""
    why = why_approving(one, counts)
    return {**ALWAYS_REASONED, "approve": why.format("this account")} if why else ALWAYS_REASONED


def why_approving(one: AccountStatus, counts: Counts) -> str:
    """Why an approval needs a reason, with {} for the accounts; "" if it needs none."""
    if one.change == "gone":
        return GONE
    if counts["lost"]:
        return LOSS
    if one.ready and counts["left"] >= MANY and one.ready["rows"] <= 2 * counts["left"]:
        return HALF
    return ""
