"""Names that look like others, at the door where somebody decides: found by `transforms/look_alikes.py`."""

from collections.abc import Sequence

from exports.home import ready
from exports.home.layout import Home
from exports.home.status import RunStatus
from flows.review.decide import Decided
from transforms.look_alikes import look_alikes


def names_of_others(state: RunStatus) -> Sequence[str]:
    """What the accounts of a run could be taken for besides one another: of a run of one account, all that is ready."""
    if state.ready is None or state.manifest["kind"] == "nightly":
        return ()
    return [row["account"] for row in ready.rows_of(state.ready)]


def suspicions(home: Home, run: str, decided: Sequence[Decided]) -> list[str]:
    """A sentence for each account of a decision whose name looks like that of another, in the run or in ready/."""
    if not decided:
        return []
    others = [row["account"] for row in (*home.manifest(run)["reports"], *ready.rows(home))]
    names = [one["account"] for one in decided]
    return [f"{names[place]}: {text}" for place, text in look_alikes(names, others).items()]
