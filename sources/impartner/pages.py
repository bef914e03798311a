"""Every user exactly once: pages in flight, and the proof that none was missed while others came and went.

Counting is no proof: one who goes lets somebody slip from an unread page into a read one, one who comes makes up the
number. So each page starts with the last user of the page before. Pages are ordered by id, and a page holds everybody
between its first and its last id who existed when it was read. If the first page starts at the beginning, every page
starts no later than where those before it end, and the last user of all was read, then no id lies between pages:
whoever existed all the time was read, whatever others did. What offsets meant when a page was read does not matter.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas.errors import Unreachable
from sources.impartner.cells import KEY, frame_of
from sources.impartner.client import Client
from sources.impartner.fields import ID, Fields

READINGS = 3
GROWTHS = 50  # times that one reading goes after users who came since it began


@dataclass(frozen=True)
class Query:
    """Which objects, which of their fields, and how they are asked for."""

    fields: Fields
    query: str  # the API names, joined by commas
    filter: str | None = None
    size: int = 500
    concurrency: int = 4
    entity: str = "User"


async def read_all(client: Client, query: Query, told: Callable[[int, int], None]) -> pl.DataFrame:
    """KEY and the fields of everybody, ordered by id; raises Unreachable if three readings in a row prove nothing."""
    doubt = None
    for _ in range(READINGS):
        reading = await _read_all(client, query, told)
        if reading.doubt is None:
            return reading.frame
        doubt = reading.doubt
    raise Unreachable(
        f"Impartner's users changed while they were pulled, {READINGS} times in a row ({doubt}), so nobody can tell "
        "whether all are there. Try again at a quieter time"
    )


# ---------------------------------------------------------------------------------------------------------------------


async def _read_all(client: Client, query: Query, told: Callable[[int, int], None]) -> _Reading:
    pages, count = await _read_pages(client, query, told)
    frame = pl.concat([page.frame for page in pages]).unique(KEY, keep="first").sort(KEY)
    again = await client.page(query.entity, _query(query, max(count - 1, 0), 2, ID))
    last = frame_of(again.rows, Fields({}))[KEY].unique().to_list()
    return _Reading(frame, _doubt(pages, frame, count, again.count, last))


def _doubt(pages: Sequence[_Page], frame: pl.DataFrame, count: int, again: int, last: list[int]) -> str | None:
    if frame.height != count or again != count:
        return f"{frame.height} were read, and the server counted {count} and then {again}"
    if not all(page.frame[KEY].is_sorted() for page in pages):
        return "the server does not keep the order by id"
    if last != frame[KEY].tail(1).to_list():
        return "the last one changed meanwhile"
    return None if _no_gaps(pages) else "some may have slipped between two pages"


def _no_gaps(pages: Sequence[_Page]) -> bool:
    full = sorted((page.first, page.last) for page in pages if page.frame.height)
    reached = next((page.last for page in pages if page.skip == 0 and page.frame.height), None)
    for first, last in full:
        if reached is None or first > reached:
            return False
        reached = max(reached, last)
    return True


@dataclass(frozen=True)
class _Reading:
    frame: pl.DataFrame
    doubt: str | None  # in words why this is not everybody; None: it is proved


@dataclass(frozen=True)
class _Page:
    skip: int
    until: int  # skip + the number asked for
    count: int
    frame: pl.DataFrame

    @property
    def first(self) -> int:
        return int(self.frame[KEY][0])

    @property
    def last(self) -> int:
        return int(self.frame[KEY][-1])


@dataclass
class _Plan:
    """Which offsets are still to be read. Learns how many the server really gives.

    Pages are cut when they are asked for: what the server counts may be anything.
    """

    size: int
    todo: deque[tuple[int, int]] = field(default_factory=deque)  # from and until, of one page or many
    planned: int = 0
    widest: int = 0
    growths: int = 0
    ended: bool = False  # asking on would never end: a page was empty although the server counts more, or it grows on

    def begin(self, pages: int) -> None:
        """How many there are is not known yet: ask for as many pages as may be in flight."""
        self.todo.extend((start, start + self.size) for start in range(0, pages * (self.size - 1), self.size - 1))
        self.planned = self.todo[-1][1]

    def learn(self, page: _Page) -> None:
        """Plan what the page left open: its own rest if the server gave fewer, and all up to the count."""
        given = page.frame.height
        self.widest = max(self.widest, given)
        reached = page.skip + given
        if given > 1 and reached < min(page.until, page.count):
            self.size = max(2, min(self.size, self.widest))
            self._add(reached - 1, min(page.until, page.count))
        if not given and page.skip < page.count:
            self.ended = True
            self.todo.clear()
        if self.planned < page.count and not self.ended:
            self._add(self.planned - 1, page.count)
            self.planned = page.count
            self.growths += 1
            self.ended = self.growths > GROWTHS

    def take(self, most: int) -> Iterator[tuple[int, int]]:
        """The next pages; each starts with the last one of the page before."""
        for _ in range(most):
            if not self.todo:
                return
            start, end = self.todo.popleft()
            yield start, min(start + self.size, end)
            self._add(start + self.size - 1, end, first=True)

    def _add(self, start: int, end: int, *, first: bool = False) -> None:
        if start + 1 < end:
            (self.todo.appendleft if first else self.todo.append)((start, end))


async def _read_pages(client: Client, query: Query, told: Callable[[int, int], None]) -> tuple[list[_Page], int]:
    plan = _Plan(max(2, query.size))
    plan.begin(query.concurrency if query.filter is None else 1)  # one account is mostly one page
    pages: list[_Page] = []
    done: set[asyncio.Task[_Page]] = set()
    running: set[asyncio.Task[_Page]] = set()
    try:
        while plan.todo or running:
            for span in plan.take(query.concurrency - len(running)):
                running.add(asyncio.create_task(_read_page(client, query, *span)))
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for page in (task.result() for task in done):
                pages.append(page)
                plan.learn(page)
                told(sum(read.frame.height for read in pages), page.count)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*done, *running, return_exceptions=True)  # several may have failed: one is told of
    return pages, pages[-1].count


async def _read_page(client: Client, query: Query, skip: int, until: int) -> _Page:
    answer = await client.page(query.entity, _query(query, skip, until - skip, query.query))
    frame = frame_of(answer.rows, query.fields).unique(KEY, keep="first", maintain_order=True)
    return _Page(skip, until, answer.count, frame)


def _query(query: Query, skip: int, take: int, fields: str) -> dict[str, str | int]:
    asked: dict[str, str | int] = {"fields": fields, "orderby": ID, "skip": skip, "take": take}
    return asked if query.filter is None else asked | {"filter": query.filter}
