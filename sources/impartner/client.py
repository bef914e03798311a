"""How to ask: one request, tried again when that can help.

Which failures are worth another try, how often and how long to wait, stands in `_LIMITS` and `Backoff`; what an answer
is worth is judged in `responses.py`. Causes are told in our own words only: neither the key nor anything of a body
reaches a message, and exceptions of the HTTP client, which carry the request, are never chained to ours.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from schemas.errors import Unreachable, WrongUsage
from sources.impartner.connection import Connection
from sources.impartner.responses import (
    FORBIDDEN,
    LATER,
    Answer,
    Failure,
    Kind,
    judge_status,
    open_envelope,
    read_page,
)

T = TypeVar("T")
Query = Mapping[str, str | int]


@dataclass(frozen=True)
class Backoff:
    """Seconds: how long to wait before the next try, and for one answer as a whole."""

    first: float = 0.5
    longest: float = 20.0
    retry_after: float = 120.0  # the most that the server may ask for
    answer: float = 180.0


class Refused(Unreachable):
    """The server won't answer this request, whoever repeats it: no permission, or no such object."""


class Client:
    """The one who asks. Use as `async with`; requests share connections, and a pause that the server asks for."""

    def __init__(self, connection: Connection, backoff: Backoff) -> None:
        self._connection = connection
        self._waits = backoff
        self._pause_until = 0.0
        self._last: Failure | None = None
        self._leader_asked = False
        self._let_in = asyncio.Event()
        self._refusals: Counter[str] = Counter()  # by anybody, until somebody is let in

    async def __aenter__(self) -> Client:
        connection = self._connection
        sealed = connection.url.casefold().startswith("https:")
        try:
            self._client = httpx.AsyncClient(
                headers=connection.headers(),
                timeout=httpx.Timeout(60.0, connect=15.0),
                limits=httpx.Limits(max_connections=connection.concurrency),
                follow_redirects=False,  # the key never follows a redirect
                # A proxy of the environment sees https sealed, but would read the key of plain http to loopback.
                trust_env=sealed,
                # Loading the certificate authorities takes time; where nothing is sealed, none is needed or trusted.
                verify=True if sealed else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            )
        except (ImportError, OSError, ValueError, httpx.InvalidURL):
            raise WrongUsage(
                "A proxy or a certificate file that the environment names can't be used. "
                "Correct or unset HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE or SSL_CERT_DIR"
            ) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def data(self, path: str) -> Any:
        """What stands under `data` in the envelope of GET `path`."""
        return await self._ask(path, {}, lambda response: open_envelope(response, lambda data: data))

    async def page(self, entity: str, query: Query) -> Answer:
        """One page of an object, such as `User`; `query` holds fields, filter, orderby, skip, take."""
        return await self._ask(entity, query, lambda response: open_envelope(response, read_page))

    @property
    def last_cause(self) -> str:
        """What went wrong last, in words; "" if nothing did."""
        return "" if self._last is None else f" The last thing that went wrong: {self._last.what}."

    async def _ask(self, path: str, query: Query, read: Callable[[httpx.Response], Awaitable[T | Failure]]) -> T:
        leads, self._leader_asked = not self._leader_asked, True
        counts: Counter[str] = Counter()
        tries = 0
        while True:
            tries += 1
            await self._keep_pause()
            outcome = await self._once(path, query, read)
            if not isinstance(outcome, Failure):
                self._let_in.set()
                return outcome
            self._last = outcome
            counts[outcome.kind] += 1
            if self._turned_away(outcome):
                raise Unreachable(self._told(path, outcome, tries))
            if counts[outcome.kind] >= _LIMITS[outcome.kind] or tries >= _LIMITS["moment"]:
                refused = outcome.kind == "request" or outcome is FORBIDDEN
                raise (Refused if refused else Unreachable)(self._told(path, outcome, tries))
            if leads or self._let_in.is_set() or outcome.kind not in _REFUSALS:
                await self._wait(tries, outcome)
            else:
                await self._let_in.wait()  # a key that is refused is tried again by one request, not by all

    def _turned_away(self, cause: Failure) -> bool:
        """Whether the first requests of all, made at one time, were refused as often as one request may be."""
        if self._let_in.is_set() or cause.kind not in _REFUSALS:
            return False
        self._refusals[cause.kind] += 1
        return self._refusals[cause.kind] >= _LIMITS[cause.kind]

    def _told(self, path: str, cause: Failure, tries: int) -> str:
        often = "" if tries == 1 else f" ({tries} requests)"
        return f"Impartner at {self._connection.host} did not give {path}: {cause.what}{often}. {cause.remedy}"

    async def _once(
        self, path: str, query: Query, read: Callable[[httpx.Response], Awaitable[T | Failure]]
    ) -> T | Failure:
        try:
            async with asyncio.timeout(self._waits.answer):
                url = self._connection.objects + path
                async with self._client.stream("GET", url, params=dict(query)) as response:
                    return judge_status(response) or await read(response)
        except (TimeoutError, httpx.TimeoutException):
            return Failure("moment", "the server did not answer in time", LATER)
        except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as problem:
            if _is_about_tls(problem):
                return Failure("moment", "no sealed connection to the server (TLS)", _TLS)
            return Failure("moment", "no connection to the server", _NETWORK)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            return Failure("moment", "the connection broke off", _NETWORK)

    async def _keep_pause(self) -> None:
        pause = self._pause_until - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)

    async def _wait(self, tries: int, cause: Failure) -> None:
        backoff = self._waits
        growth = (backoff.longest / backoff.first) ** (1 / (_LIMITS["moment"] - 2))
        wait = backoff.first * growth ** (tries - 1) * random.uniform(0.8, 1.2)  # noqa: S311  jitter, no secret
        if cause.retry_after is not None:
            asked = min(cause.retry_after, backoff.retry_after)
            wait = max(wait, asked)
            # What one request was told concerns all that are in flight.
            self._pause_until = max(self._pause_until, asyncio.get_running_loop().time() + asked)
        await asyncio.sleep(wait)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end what asks, also when the caller's thread has an event loop already."""
    with _quiet_http_logs():
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(work)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work).result()


async def bounded(connection: Connection, client: Client, work: Coroutine[Any, Any, T]) -> T:
    """Let the work take as long as patience lasts, then raise Unreachable with the last cause."""
    try:
        async with asyncio.timeout(connection.patience):
            return await work
    except TimeoutError:
        pass  # told below, outside of this block, so that no request hangs on the exception
    raise Unreachable(
        f"Impartner at {connection.host} was not done after {connection.patience:.0f} seconds.{client.last_cause} "
        "Try again later, or allow more time with PARTNER_CERTS_IMPARTNER_PATIENCE"
    )


# ---------------------------------------------------------------------------------------------------------------------

_LIMITS: dict[Kind, int] = {
    "key": 3,  # 401: a valid key gets one now and then
    "door": 2,  # 403, a login page, a redirect
    "moment": 6,  # what may be over in a moment
    "request": 1,  # the request itself is not understood
}
_REFUSALS: tuple[Kind, ...] = ("key", "door")
_NETWORK = "See to the network and the address (PARTNER_CERTS_IMPARTNER_URL), then try again"
_TLS = "See that the address (PARTNER_CERTS_IMPARTNER_URL) is right and that this machine trusts its certificate"


def _is_about_tls(problem: BaseException) -> bool:
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


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
