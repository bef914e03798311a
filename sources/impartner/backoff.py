"""How often to try again, and how long to wait before it, by the kind of failure."""

import random
from dataclasses import dataclass

from sources.impartner.failures import Kind

MOST = 6  # tries of one request, not counting failures that are waited out for as long as patience lasts
TRIES: dict[Kind, int] = {
    "key": 3,  # a valid key now and then gets a 401
    "blocked": 2,
    "transient": MOST,
    "query": 1,
    "request": 1,
    "content": 1,
}
REFUSALS: tuple[Kind, ...] = ("key", "blocked")  # they concern all requests, so only one request tries again


@dataclass(frozen=True)
class Backoff:
    """Seconds: the first and the longest wait, the longest that the server may request, and one answer's limit."""

    first: float = 0.5
    longest: float = 20.0
    retry_after: float = 120.0
    answer: float = 180.0

    def wait(self, failures: int, asked: float | None = None) -> float:
        """How long to wait after this many failures in a row. asked: the wait that the server requests."""
        growth: float = (self.longest / self.first) ** (1 / (MOST - 2))
        grown = self.first * growth ** (min(failures, MOST - 1) - 1)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311  no secret
        return max(grown * jitter, 0.0 if asked is None else min(asked, self.retry_after))
