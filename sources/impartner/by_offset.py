"""Reading all pages by offset, several at once. Pages that the server refuses are requested again as smaller ones.

`plan.py` cuts the pages, `pages.py` proves that none is missing, and goes on by id if offsets are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sources.impartner.client import Client, Refused
from sources.impartner.plan import Plan, Span
from sources.impartner.query import OnRead, Page, Query, page_of, parameters, reach

AHEAD = 2  # times as many pages as may be in flight are asked for or read: the next goes out as soon as one is there


class OffsetsRefused(Exception):  # noqa: N818  not an error
    """The server refuses offsets from here on."""


async def read_by_offset(client: Client, query: Query, pages: list[Page], on_read: OnRead) -> None:
    """Add all pages to `pages`; refused ones are requested again as smaller pages. Raises OffsetsRefused."""
    plan = Plan(max(2, query.size.now))
    plan.begin(1 if query.few else query.concurrency)
    refusals: list[_Refusal] = []
    done: set[asyncio.Task[Page | _Refusal]] = set()
    running: set[asyncio.Task[Page | _Refusal]] = set()
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


# ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Refusal:
    """A page that was refused."""

    span: Span
    why: Refused


def _make_smaller(query: Query, plan: Plan, pages: Sequence[Page], refusals: Sequence[_Refusal]) -> None:
    """Plan smaller pages for the refused ones. Raises OffsetsRefused if pages of that size were accepted elsewhere."""
    longest = max((until - skip for skip, until in (page.span for page in pages)), default=0)
    if reach(pages) is not None and longest >= max(until - skip for skip, until in (page.span for page in refusals)):
        raise OffsetsRefused
    if not query.size.halve():
        refused = refusals[0].why
        raise Refused(
            f"{refused}. Pages of {query.size.now} were asked for (PARTNER_CERTS_IMPARTNER_PAGE_SIZE)", refused.failure
        )
    plan.put_back([page.span for page in refusals], query.size.now)


async def _try_page(client: Client, query: Query, span: Span) -> Page | _Refusal:
    skip, until = span
    try:
        answer = await client.page(query.entity, parameters(query, skip, until - skip, query.fields))
    except Refused as refused:
        if refused.failure.kind != "query":
            raise
        return _Refusal(span, refused)
    return await asyncio.to_thread(page_of, query, span, answer)
