"""Doubt about what was read, and pulling again until there is none. `pages.py` and `accounts.py` know when to doubt."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from schemas.errors import Unreachable

T = TypeVar("T")


class Doubt(Exception):  # noqa: N818  it only stops one reading
    """What was read may be incomplete or inconsistent: why, and what to do if that doesn't change."""

    def __init__(self, why: str, remedy: str = "Try again at a quieter time") -> None:
        super().__init__(why)
        self.remedy = remedy


async def until_proved(*pulls: Callable[[], Awaitable[T]]) -> T:
    """The result of the first pull that raises no Doubt. Raises Unreachable if all do."""
    doubt = Doubt("nothing was requested")
    for pull in pulls:
        try:
            return await pull()
        except Doubt as raised:
            doubt = raised
    raise Unreachable(
        f"Impartner's answers did not fit together, {len(pulls)} times in a row ({doubt}), so nobody can tell whether "
        f"all users are there and whose they are. {doubt.remedy}"
    )
