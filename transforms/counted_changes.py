"""How many changes there are between two reports of one account, for a sentence in a mail.

`transforms/changes.py` lists the changes of all accounts of a run. For one mail, importing polars would take longer
than everything else; a test checks that both give the same counts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.columns import COURSES, HEADINGS, MARKS
from schemas.names import BLANKS

Person = Mapping[str, str]  # cells by heading; a blank one is "" or missing


class Counts(NamedTuple):
    """People who joined and left, courses that people gained and lost, people with a changed detail."""

    joined: int = 0
    left: int = 0
    gained: int = 0
    lost: int = 0
    details: int = 0


def count_changes(before: Sequence[Person], after: Sequence[Person]) -> Counts:
    """The counts. A person is an e-mail, trimmed and without letter case."""
    were, are = _by_address(before), _by_address(after)
    stayed = [(were[address], person) for address, person in are.items() if address in were]
    changed = [(was, now) for was, now in stayed if was != now]
    return Counts(
        joined=len(are) - len(stayed),
        left=len(were) - len(stayed),
        gained=sum(_has(now, course) and not _has(was, course) for was, now in changed for course in COURSES),
        lost=sum(_has(was, course) and not _has(now, course) for was, now in changed for course in COURSES),
        details=sum(any(was.get(name, "") != now.get(name, "") for name in _DETAILS) for was, now in changed),
    )


# ---------------------------------------------------------------------------------------------------------------------

_DETAILS = [heading for heading in HEADINGS if heading not in COURSES]


def _by_address(people: Sequence[Person]) -> dict[tuple[str, int], Person]:
    """The people by address; a repeated address is another person."""
    seen = Counter[str]()
    by_address = {}
    for person in people:
        address = person.get("Email", "").strip(BLANKS).casefold()
        seen[address] += 1
        by_address[address, seen[address]] = person
    return by_address


def _has(person: Person, course: str) -> bool:
    return person.get(course, "") == MARKS["True"]
