"""Running what asks to its end: in an event loop of its own, for no longer than patience lasts, and quietly."""

import asyncio
import logging
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar, overload

from schemas.errors import Unreachable
from sources.impartner.client import Client
from sources.impartner.connection import Connection

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
Work: TypeAlias = Coroutine[Any, Any, T]

TURN = 0.0005  # seconds that a thread keeps Python to itself while others wait for it
_USUAL_TURN = sys.getswitchinterval()


def run(work: Work[T]) -> T:
    """Run to the end what asks, also when the caller's thread has an event loop already."""
    with _quiet_http_logs(), _short_turns():
        if not _has_loop():
            return asyncio.run(work)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work).result()


async def bounded(connection: Connection, client: Client, work: Work[T]) -> T:
    """Let the work take as long as patience lasts, then raise Unreachable with the last cause."""
    try:
        async with asyncio.timeout(connection.patience):
            return await work
    except TimeoutError:
        pass  # raised below, outside this block, so that the exception holds no request
    raise Unreachable(
        f"Impartner at {connection.host} was not done after {connection.patience:.0f} seconds.{client.last_cause} "
        "Try again later, or allow more time with PARTNER_CERTS_IMPARTNER_PATIENCE"
    )


@overload
async def together(one: Work[T], other: Work[U], /) -> tuple[T, U]: ...
@overload
async def together(one: Work[T], other: Work[U], third: Work[V], /) -> tuple[T, U, V]: ...
async def together(*work: Work[Any]) -> tuple[Any, ...]:
    """Do all of it at one time; the first failure ends the others, and is raised as it is."""
    tasks = [asyncio.ensure_future(part) for part in work]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# ---------------------------------------------------------------------------------------------------------------------


def _has_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let a thread that imports meanwhile give way: at each of its steps, the event loop would wait for it 5 ms."""
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(_USUAL_TURN)


@contextmanager
def _quiet_http_logs() -> Iterator[None]:
    """Keep addresses of requests, which hold account names, out of the HTTP client's own log lines."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(max(logger.level, logging.WARNING))
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
