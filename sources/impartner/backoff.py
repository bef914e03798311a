"""How long to wait before the next try, and how often there is one, by the kind of failure."""

import random
from dataclasses import dataclass

from sources.impartner.failures import Kind

MOST = 6  # tries of one request, whatever goes wrong, but for what is waited for as long as patience lasts
TRIES: dict[Kind, int] = {
    "key": 3,  # a valid key gets a 401 now and then
    "door": 2,
    "moment": MOST,
    "question": 1,
    "request": 1,
    "content": 1,
}
REFUSALS: tuple[Kind, ...] = ("key", "door")  # one request more is of no use to the others


@dataclass(frozen=True)
class Backoff:
    """Seconds: the first wait and the longest, the most that the server may ask for, and for one answer as a whole."""

    first: float = 0.5
    longest: float = 20.0
    retry_after: float = 120.0
    answer: float = 180.0

    def wait(self, failures: int, asked: float | None = None) -> float:
        """How long to wait after so many failures in a row; asked: what the server wants."""
        growth: float = (self.longest / self.first) ** (1 / (MOST - 2))
        grown = self.first * growth ** (min(failures, MOST - 1) - 1)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311  no secret
        return max(grown * jitter, 0.0 if asked is None else min(asked, self.retry_after))
