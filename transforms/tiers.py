"""An account's tier, the next one, and what it lacks for that. Imports no polars, because mails need it too."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.names import fold
from schemas.tiers import Tier


class TierStatus(NamedTuple):
    """An account's tier, the next one, and how many people it lacks for that in each course."""

    tier: str | None
    next: str | None
    lacks: Mapping[str, int]


def tier_status(tiers: Sequence[Tier], people: Mapping[str, int], given: str | None = None) -> TierStatus:
    """The status of an account with this many people in each course.

    tiers: the lowest first. given: the tier in Impartner; without one, the account has the highest tier that it meets.
    If the given tier is not among `tiers`, there is no next one.
    """
    if given:
        place = next((place for place, tier in enumerate(tiers) if fold(tier.name) == fold(given)), len(tiers))
    else:
        place = max((place for place, tier in enumerate(tiers) if not _lacks(tier, people)), default=-1)
        given = tiers[place].name if place >= 0 else None
    if place + 1 >= len(tiers):
        return TierStatus(given, None, {})
    following = tiers[place + 1]
    return TierStatus(given, following.name, _lacks(following, people))


# ---------------------------------------------------------------------------------------------------------------------


def _lacks(tier: Tier, people: Mapping[str, int]) -> dict[str, int]:
    return {course: count - people[course] for course, count in tier.people.items() if people[course] < count}
