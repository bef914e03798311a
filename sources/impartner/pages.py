"""Every object exactly once: reading pages in parallel, and proving that none was missed while others came and went.

Counting is no proof: when one object is deleted, another slips from an unread page into one already read, and a new one
makes up the number. So each page starts with the last object of the page before. Pages are ordered by id, and a page
has every object between its first and its last id that existed when it was read. If the first page starts at the
beginning, every page starts no later than the pages before it end, and the very last object was read, then no id lies
between pages: every object that existed all the time was read, whatever happened to others. What offsets meant at the
time does not matter. If the server refuses offsets, a page starts after the last id of the one before (`Id > last`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from schemas.errors import Unreachable
from sources.impartner.cells import KEY, keys_of
from sources.impartner.client import ID, Client, Refused
from sources.impartner.plan import PageSize, Plan, Span
from sources.impartner.responses import Answer, Row
from sources.impartner.running import together

OnRead = Callable[[int, int], None]  # how many have been read, of how many
T = TypeVar("T")

AHEAD = 2  # times as many pages as may be in flight are asked for or read: the next goes out as soon as one is there


class Doubt(Exception):  # noqa: N818  it only stops one reading
    """What was read may be incomplete or inconsistent: why, and what to do if that doesn't change."""

    def __init__(self, why: str, remedy: str = "Try again at a quieter time") -> None:
        super().__init__(why)
        self.remedy = remedy


@dataclass(frozen=True)
class Query:
    """Which objects and fields to request, and how to read them. few: usually a single page."""

    entity: str
    fields: str  # the API names, joined by commas
    read: Callable[[Sequence[Row]], pl.DataFrame]  # makes a frame of a page's objects; KEY comes first
    size: PageSize
    concurrency: int = 4
    filter: str | None = None
    few: bool = False


@dataclass(frozen=True)
class Reading:
    """All objects, ordered by id, and the server's count.

    by_id: the server refused an offset. in_one: a single answer had all, so nothing changed while it was read.
    """

    frame: pl.DataFrame
    count: int
    by_id: bool
    in_one: bool


def nobody(_read: int, _count: int) -> None:
    """The default for `on_read`."""


async def read_all(client: Client, query: Query, on_read: OnRead = nobody) -> pl.DataFrame:
    """KEY and the fields of all objects, ordered by id. Raises Unreachable if three readings in a row prove nothing."""

    async def once() -> pl.DataFrame:
        return await read_once(client, query, on_read)

    return await until_proved(once, once, once)


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


async def read_once(client: Client, query: Query, on_read: OnRead = nobody) -> pl.DataFrame:
    """KEY and the fields of all objects, ordered by id. Raises Doubt if that is not proved."""
    reading = await read_pages(client, query, on_read)
    await confirm(client, query, reading)
    return reading.frame


async def read_pages(client: Client, query: Query, on_read: OnRead = nobody) -> Reading:
    """All pages. Raises Doubt if an object may have slipped between them."""
    by_id = False
    pages: list[_Page] = []
    try:
        await _read_by_offset(client, query, pages, on_read)
        count = pages[-1].count
    except _OffsetsRefused:
        by_id, count = True, pages[-1].count
        await _read_by_id(client, query, pages, lambda read, _: on_read(read, count))
    frame = pl.concat([page.frame for page in pages]).unique(KEY, keep="first").sort(KEY)
    if not all(page.frame[KEY].is_sorted() for page in pages):
        raise Doubt("the server does not keep the order by id")
    if frame.height != count:
        raise Doubt(f"{frame.height} were read, and the server counted {count}")
    if _reach(pages) != _last(frame):
        raise Doubt("some may have slipped between two pages")
    return Reading(frame, count, by_id, in_one=len(pages) == 1)


async def confirm(client: Client, query: Query, reading: Reading) -> None:
    """Raises Doubt unless the server still has the same count and the same last object."""
    end = _end_by_id if reading.by_id else _end_by_offset
    try:
        count, is_last = await end(client, query, reading)
    except Refused as refused:  # this offset may be the first that is refused
        if refused.failure.kind != "query":
            raise
        count, is_last = await _end_by_id(client, query, reading)
    if count != reading.count:
        raise Doubt(f"the server counted {reading.count} and then {count}")
    if not is_last:
        raise Doubt("the last one changed meanwhile")


# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Page:
    """One page. after: the id that it starts after, if it was requested by id."""

    span: Span
    count: int
    frame: pl.DataFrame
    after: int | None = None


@dataclass(frozen=True)
class _Refusal:
    """A page that was refused."""

    span: Span
    why: Refused


class _OffsetsRefused(Exception):  # noqa: N818  not an error
    """The server refuses offsets from here on."""


async def _read_by_offset(client: Client, query: Query, pages: list[_Page], on_read: OnRead) -> None:
    """Add all pages to `pages`; refused ones are requested again as smaller pages. Raises _OffsetsRefused."""
    plan = Plan(max(2, query.size.now))
    plan.begin(1 if query.few else query.concurrency)
    refusals: list[_Refusal] = []
    done: set[asyncio.Task[_Page | _Refusal]] = set()
    running: set[asyncio.Task[_Page | _Refusal]] = set()
    try:
        while plan.todo or running or refusals:
            if refusals and not running:
                _make_smaller(query, plan, pages, refusals)
                refusals.clear()
            if not refusals:
                for span in plan.take(AHEAD * query.concurrency - len(running)):
                    running.add(asyncio.create_task(_try_page(client, query, span)))
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for page in (task.result() for task in done):
                if isinstance(page, _Refusal):
                    refusals.append(page)
                else:
                    pages.append(page)
                    plan.learn(page.span, page.frame.height, page.count)
                    on_read(sum(page.frame.height for page in pages), page.count)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*done, *running, return_exceptions=True)  # several may have failed: one is raised


def _make_smaller(query: Query, plan: Plan, pages: Sequence[_Page], refusals: Sequence[_Refusal]) -> None:
    """Plan smaller pages for the refused ones. Raises _OffsetsRefused if pages of that size were accepted elsewhere."""
    longest = max((until - skip for skip, until in (page.span for page in pages)), default=0)
    if _reach(pages) is not None and longest >= max(until - skip for skip, until in (page.span for page in refusals)):
        raise _OffsetsRefused
    if not query.size.halve():
        refused = refusals[0].why
        raise Refused(
            f"{refused}. Pages of {query.size.now} were asked for (PARTNER_CERTS_IMPARTNER_PAGE_SIZE)", refused.failure
        )
    plan.put_back([page.span for page in refusals], query.size.now)


async def _try_page(client: Client, query: Query, span: Span) -> _Page | _Refusal:
    skip, until = span
    try:
        answer = await client.page(query.entity, _asked(query, skip, until - skip, query.fields))
    except Refused as refused:
        if refused.failure.kind != "query":
            raise
        return _Refusal(span, refused)
    return await asyncio.to_thread(_page, query, span, answer)


async def _read_by_id(client: Client, query: Query, pages: list[_Page], on_read: OnRead) -> None:
    """Add the remaining pages to `pages`, one by one, each after the last id of the one before."""
    while True:
        after = _reach(pages)
        asked = _asked(query, 0, query.size.now, query.fields, f"{ID} > {after}")
        page = _page(query, (0, query.size.now), await client.page(query.entity, asked), after)
        pages.append(page)
        on_read(sum(page.frame.height for page in pages), page.count)
        if not page.frame.height or page.frame.height >= page.count:
            return


async def _end_by_offset(client: Client, query: Query, reading: Reading) -> tuple[int, bool]:
    """The count, and whether the last object read is still the last."""
    end = await client.page(query.entity, _asked(query, max(reading.count - 1, 0), 2, ID))
    return end.count, keys_of(end.rows).unique().to_list() == reading.frame[KEY].tail(1).to_list()


async def _end_by_id(client: Client, query: Query, reading: Reading) -> tuple[int, bool]:
    """The count, and whether nothing follows the last object read."""
    after = f"{ID} > {_last(reading.frame) or 0}"
    first, later = await together(
        client.page(query.entity, _asked(query, 0, 1, ID)), client.page(query.entity, _asked(query, 0, 1, ID, after))
    )
    return first.count, later.count == 0


def _page(query: Query, span: Span, answer: Answer, after: int | None = None) -> _Page:
    return _Page(span, answer.count, query.read(answer.rows).unique(KEY, keep="first", maintain_order=True), after)


def _reach(pages: Sequence[_Page]) -> int | None:
    """The last id before the first gap; None if no page starts at the beginning."""
    full = [page for page in pages if page.frame.height]
    reached = next((_last(page.frame) for page in full if page.span[0] == 0 and page.after is None), None)
    for first, last in sorted((_start(page), _last(page.frame)) for page in full):
        if reached is not None and last is not None and first <= reached:
            reached = max(reached, last)
    return reached


def _start(page: _Page) -> int:
    return int(page.frame[KEY][0]) if page.after is None else page.after


def _last(frame: pl.DataFrame) -> int | None:
    return int(frame[KEY][-1]) if frame.height else None


def _asked(query: Query, skip: int, take: int, fields: str, after: str | None = None) -> dict[str, str | int]:
    asked: dict[str, str | int] = {"fields": fields, "orderby": ID, "skip": skip, "take": take}
    filters = [f"({query.filter})" if after else query.filter] if query.filter else []
    filters += [after] if after else []
    return asked | {"filter": " and ".join(filters)} if filters else asked
