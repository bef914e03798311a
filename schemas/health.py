"""A check of what a run needs, as `doctor` and the desk's page of health list them."""

from typing import NamedTuple


class Check(NamedTuple):
    """What was checked, whether it is right, what was found, and what to do if not ("" if right).

    status: the exit status that a nightly run would have for it, 0 if it would go on.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""
    status: int = 0
