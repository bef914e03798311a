"""Warnings about look-alike names when somebody decides. `transforms/look_alikes.py` finds them."""

from collections.abc import Sequence

from exports.home import ready
from exports.home.layout import Home
from exports.home.status import RunStatus
from flows.review.decide import Decided
from transforms.look_alikes import look_alikes


def names_of_others(state: RunStatus) -> Sequence[str]:
    """The names to compare a run's accounts with, besides each other: for a run of one account, all that are ready."""
    if state.ready is None or state.manifest["kind"] == "nightly":
        return ()
    return [row["account"] for row in ready.rows_of(state.ready)]


def suspicions(home: Home, run: str, decided: Sequence[Decided]) -> list[str]:
    """A sentence for each decided account whose name looks like another one in the run or in ready/."""
    if not decided:
        return []
    others = [row["account"] for row in (*home.manifest(run)["reports"], *ready.rows(home))]
    names = [one["account"] for one in decided]
    return [f"{names[index]}: {text}" for index, text in look_alikes(names, others).items()]
