"""Running requests: in an event loop of their own, no longer than patience lasts, without HTTP logs."""

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

TURN = 0.0005  # seconds that a thread may keep the interpreter while others wait for it
_USUAL_TURN = sys.getswitchinterval()


def run(work: Work[T]) -> T:
    """Run the coroutine to its end, even if the caller's thread already has an event loop."""
    with _quiet_http_logs(), _short_turns():
        if not _has_loop():
            return asyncio.run(work)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work).result()


async def bounded(connection: Connection, client: Client, work: Work[T]) -> T:
    """The result of the work. Raises Unreachable, with the last cause, once patience is over."""
    try:
        async with asyncio.timeout(connection.patience):
            return await work
    except TimeoutError:
        pass  # raised below, so that the exception does not hold a request
    raise Unreachable(
        f"Impartner at {connection.host} was not done after {connection.patience:.0f} seconds.{client.last_cause} "
        "Try again later, or allow more time with PARTNER_CERTS_IMPARTNER_PATIENCE"
    )


@overload
async def together(one: Work[T], other: Work[U], /) -> tuple[T, U]: ...
@overload
async def together(one: Work[T], other: Work[U], third: Work[V], /) -> tuple[T, U, V]: ...
async def together(*work: Work[Any]) -> tuple[Any, ...]:
    """The results of all of them, run concurrently. The first exception cancels the others and is raised."""
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
    """Make a thread that imports give way sooner; by default, the event loop waits 5 ms for it each time."""
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(_USUAL_TURN)


@contextmanager
def _quiet_http_logs() -> Iterator[None]:
    """Keep the addresses of requests, which contain account names, out of the HTTP client's logs."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(max(logger.level, logging.WARNING))
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
