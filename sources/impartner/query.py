"""A query for objects, the pages of its answer, and how far pages reach without a gap. `pages.py` reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from sources.impartner.cells import KEY
from sources.impartner.client import ID
from sources.impartner.plan import PageSize, Span
from sources.impartner.responses import Answer, Row

OnRead = Callable[[int, int], None]  # how many have been read, of how many


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
class Page:
    """One page. after: the id that it starts after, if it was requested by id."""

    span: Span
    count: int
    frame: pl.DataFrame
    after: int | None = None

    @property
    def start(self) -> int:
        """The id from which on the page has every object."""
        return int(self.frame[KEY][0]) if self.after is None else self.after


def parameters(query: Query, skip: int, take: int, fields: str, after: str | None = None) -> dict[str, str | int]:
    """What to ask the server for. after: a filter besides the query's own."""
    asked: dict[str, str | int] = {"fields": fields, "orderby": ID, "skip": skip, "take": take}
    filters = [f"({query.filter})" if after else query.filter] if query.filter else []
    filters += [after] if after else []
    return asked | {"filter": " and ".join(filters)} if filters else asked


def page_of(query: Query, span: Span, answer: Answer, after: int | None = None) -> Page:
    """The page that the server answered with."""
    return Page(span, answer.count, query.read(answer.rows).unique(KEY, keep="first", maintain_order=True), after)


def reach(pages: Sequence[Page]) -> int | None:
    """The last id before the first gap; None if no page starts at the beginning."""
    full = [page for page in pages if page.frame.height]
    reached = next((last_id(page.frame) for page in full if page.span[0] == 0 and page.after is None), None)
    for first, last in sorted((page.start, last_id(page.frame)) for page in full):
        if reached is not None and last is not None and first <= reached:
            reached = max(reached, last)
    return reached


def last_id(frame: pl.DataFrame) -> int | None:
    """The id of the last object; None if there is none."""
    return int(frame[KEY][-1]) if frame.height else None
