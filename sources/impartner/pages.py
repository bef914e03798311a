"""Every object exactly once: reading all pages, and proving that none was missed while others came and went.

Counting is no proof: when one object is deleted, another slips from an unread page into one already read, and a new one
makes up the number. So each page starts with the last object of the page before. Pages are ordered by id, and a page
has every object between its first and its last id that existed when it was read. If the first page starts at the
beginning, every page starts no later than the pages before it end, and the very last object was read, then no id lies
between pages: every object that existed all the time was read, whatever happened to others. What offsets meant at the
time does not matter. If the server refuses offsets, a page starts after the last id of the one before (`Id > last`).

`by_offset.py` reads pages in parallel, `query.py` says what is requested, and `doubt.py` pulls again.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sources.impartner.by_offset import OffsetsRefused, read_by_offset
from sources.impartner.cells import KEY, keys_of
from sources.impartner.client import ID, Client, Refused
from sources.impartner.doubt import Doubt, until_proved
from sources.impartner.query import OnRead, Page, Query, last_id, page_of, parameters, reach
from sources.impartner.running import together


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


async def read_once(client: Client, query: Query, on_read: OnRead = nobody) -> pl.DataFrame:
    """KEY and the fields of all objects, ordered by id. Raises Doubt if that is not proved."""
    reading = await read_pages(client, query, on_read)
    await confirm(client, query, reading)
    return reading.frame


async def read_pages(client: Client, query: Query, on_read: OnRead = nobody) -> Reading:
    """All pages. Raises Doubt if an object may have slipped between them."""
    by_id = False
    pages: list[Page] = []
    try:
        await read_by_offset(client, query, pages, on_read)
        count = pages[-1].count
    except OffsetsRefused:
        by_id, count = True, pages[-1].count
        await _read_by_id(client, query, pages, lambda read, _: on_read(read, count))
    frame = pl.concat([page.frame for page in pages]).unique(KEY, keep="first").sort(KEY)
    if not all(page.frame[KEY].is_sorted() for page in pages):
        raise Doubt("the server does not keep the order by id")
    if frame.height != count:
        raise Doubt(f"{frame.height} were read, and the server counted {count}")
    if reach(pages) != last_id(frame):
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


async def _read_by_id(client: Client, query: Query, pages: list[Page], on_read: OnRead) -> None:
    """Add the remaining pages to `pages`, one by one, each after the last id of the one before."""
    while True:
        after = reach(pages)
        asked = parameters(query, 0, query.size.now, query.fields, f"{ID} > {after}")
        page = page_of(query, (0, query.size.now), await client.page(query.entity, asked), after)
        pages.append(page)
        on_read(sum(page.frame.height for page in pages), page.count)
        if not page.frame.height or page.frame.height >= page.count:
            return


async def _end_by_offset(client: Client, query: Query, reading: Reading) -> tuple[int, bool]:
    """The count, and whether the last object read is still the last."""
    end = await client.page(query.entity, parameters(query, max(reading.count - 1, 0), 2, ID))
    return end.count, keys_of(end.rows).unique().to_list() == reading.frame[KEY].tail(1).to_list()


async def _end_by_id(client: Client, query: Query, reading: Reading) -> tuple[int, bool]:
    """The count, and whether nothing follows the last object read."""
    after = f"{ID} > {last_id(reading.frame) or 0}"
    first, later = await together(
        client.page(query.entity, parameters(query, 0, 1, ID)),
        client.page(query.entity, parameters(query, 0, 1, ID, after)),
    )
    return first.count, later.count == 0
