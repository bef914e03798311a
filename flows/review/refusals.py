"""What stops a decision: a newer run, a fault, a missing reason. Everything here raises, or lets the decision pass.

`reasons.py` knows what needs a reason, `signature.py` checks who decides, and `decide.py` writes the decision.
"""

from collections import defaultdict
from collections.abc import Sequence

from exports.home.ledger import What
from exports.home.status import AccountStatus, RunStatus
from flows.review.compare import NO_CHANGES, changes, counts
from flows.review.held import faults_of
from flows.review.reasons import ALWAYS_REASONED, why_approving
from flows.review.signature import clean
from schemas.errors import NotAllowed, WrongUsage
from schemas.words import some


def needed_reason(what: What, reason: str) -> str:
    """The reason, trimmed. Raises WrongUsage if this decision always needs one, and there is none."""
    text = clean(reason)
    if what in ALWAYS_REASONED and not text:
        raise WrongUsage(f"To {what} needs a reason: add --reason TEXT")
    return text


def refuse_older(state: RunStatus, *, older: bool) -> None:
    """Refuse to decide about a run that a newer nightly one has followed, unless `older`."""
    if state.newer and not older:
        raise NotAllowed(
            f"Run {state.run} is the record of its day: the nightly run {state.newer} has finished since. "
            f"Decide about that one: partner-certs review {state.newer}. "
            "To decide about the older one anyway, add --older, --by WHO and --reason TEXT"
        )


def refuse_held(state: RunStatus, chosen: Sequence[AccountStatus]) -> None:
    """Refuse to approve an account that is held back. The cell is not shown: it may name a person."""
    held = {id(one) for one in chosen if one.change == "held"}
    index = next((index for index, one in enumerate(state.accounts) if id(one) in held), None)
    if index is None:
        return
    name, faults = state.accounts[index].account or "(no account)", faults_of(state).filter(account=index)
    why = "See its faults with: partner-certs show " + state.run
    for fault in faults.head(1).iter_rows(named=True):
        where = ", ".join(filter(None, [fault["row"] and f"row {fault['row']}", fault["column"]]))
        why = f"{where}: {fault['rule']}. {fault['remedy']}"
    raise NotAllowed(f"{name} is held back by a fault, so it can't be approved; nothing was decided. {why}")


def refuse_without_reason(state: RunStatus, chosen: Sequence[AccountStatus], what: What, reason: str) -> None:
    """Refuse an approval that takes something from somebody without saying why."""
    if what != "approve" or reason:
        return
    counted = counts(changes(state.only(chosen), whole=False))
    names = defaultdict(list)
    for index, one in enumerate(chosen):
        if why := why_approving(one, counted.get(index, NO_CHANGES)):
            names[why].append(one.account)
    if names:
        whys = ". ".join(why.format(some(accounts)) for why, accounts in names.items())
        raise WrongUsage(f"{whys}. Approving that needs --reason TEXT; nothing was decided")
