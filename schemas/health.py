"""A check of something that a run needs, as `doctor` and the desk's page Health list them."""

from typing import NamedTuple


class Check(NamedTuple):
    """What was checked, whether it is right, what was found, and the remedy ("" if right).

    status: the exit status with which a nightly run would stop because of it; 0 if it would go on.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""
    status: int = 0
