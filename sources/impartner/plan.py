"""Which offsets of a list are still to be read, adapted to what the server returns and refuses.

Each page starts with the last object of the page before, so that nothing can slip between two of them unnoticed
(`pages.py`). Pages are only cut when they are requested, because the server's count can be anything.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

GROWTHS = 50  # how often one reading goes on because the count has grown
SMALLEST = 50  # a refused page is not made smaller than this


@dataclass
class PageSize:
    """How many objects to request per page: the setting, or as many as the server accepts."""

    now: int
    refused: int | None = None  # the smallest that was refused

    def halve(self) -> bool:
        """Request half as many from now on; False if that would be too few."""
        self.refused = self.now
        if self.now <= SMALLEST:
            return False
        self.now = max(SMALLEST, self.now // 2)
        return True


Span = tuple[int, int]  # the first offset, and the one after the last; of one page or many


@dataclass
class Plan:
    """The offsets still to be read, and the number of objects as far as known."""

    size: int
    todo: deque[Span] = field(default_factory=deque)
    ended: bool = False  # going on would never end: a page was empty in spite of the count, or the count keeps growing
    _planned: int = 0
    _widest: int = 0
    _growths: int = 0

    def begin(self, pages: int) -> None:
        """The number of objects is not known yet: request this many pages."""
        step = self.size - 1
        self.todo.extend((start, start + self.size) for start in range(0, pages * step, step))
        self._planned = self.todo[-1][1]

    def learn(self, span: Span, given: int, count: int) -> None:
        """Plan what a page left open: its own rest if the server returned fewer, and everything up to the count."""
        skip, until = span
        self._widest = max(self._widest, given)
        reached = skip + given
        if given > 1 and reached < min(until, count):
            self.size = max(2, min(self.size, self._widest))
            self._add(reached - 1, min(until, count))
        if not given and skip < count:
            self.ended = True
            self.todo.clear()
        if self._planned < count and not self.ended:
            self._add(self._planned - 1, count)
            self._planned = count
            self._growths += 1
            self.ended = self._growths > GROWTHS

    def take(self, most: int) -> Iterator[Span]:
        """The next pages; each starts with the last object of the page before."""
        for _ in range(most):
            if not self.todo:
                return
            start, end = self.todo.popleft()
            yield start, min(start + self.size, end)
            self._add(start + self.size - 1, end, first=True)

    def put_back(self, spans: Sequence[Span], size: int) -> None:
        """Request these again, in pages of at most this size."""
        self.size = min(self.size, size)
        for start, end in sorted(spans, reverse=True):
            self._add(start, end, first=True)

    def _add(self, start: int, end: int, *, first: bool = False) -> None:
        if start + 1 < end:
            (self.todo.appendleft if first else self.todo.append)((start, end))
