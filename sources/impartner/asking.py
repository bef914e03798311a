"""How to ask: one request, tried again when that can help, and the envelope around every answer.

Which failures are worth another try, how often and how long to wait, stands in `_LIMITS` and `Waits`. Causes are told
in our own words only: neither the key nor anything of a body reaches a message, and exceptions of the HTTP client,
which carry the request, are never chained to ours.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

from schemas.errors import Unreachable
from sources.impartner.connection import Connection

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Query = Mapping[str, str | int]


@dataclass(frozen=True)
class Waits:
    """Seconds: how long to wait before the next try, and for one answer as a whole."""

    first: float = 0.5
    longest: float = 20.0
    retry_after: float = 120.0  # the most that the server may ask for
    answer: float = 180.0


@dataclass(frozen=True)
class Answer:
    """One page: how many there are in all, and the objects of this page, keys as they came."""

    count: int
    rows: list[dict[str, Any]]


class Refused(Unreachable):
    """The server won't answer this request, whoever repeats it: no permission, or no such object."""


class Asking:
    """The one who asks. Use as `async with`; requests share connections, and a pause that the server asks for."""

    def __init__(self, connection: Connection, waits: Waits) -> None:
        self._connection = connection
        self._waits = waits
        self._pause_until = 0.0
        self._last: _Cause | None = None
        self._leader_asked = False
        self._let_in = asyncio.Event()
        self._refusals: Counter[str] = Counter()  # by anybody, until somebody is let in

    async def __aenter__(self) -> Asking:
        import httpx

        connection = self._connection
        sealed = connection.url.casefold().startswith("https:")
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
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def data(self, path: str) -> Any:
        """What stands under `data` in the envelope of GET `path`."""
        return await self._ask(path, {}, lambda response: _open_envelope(response, lambda data: data))

    async def page(self, entity: str, query: Query) -> Answer:
        """One page of an object, such as `User`; `query` holds fields, filter, orderby, skip, take."""
        return await self._ask(entity, query, lambda response: _open_envelope(response, _read_page))

    async def download(self, path: str, query: Query, into: IO[bytes]) -> None:
        """The file that the server streams, written into an empty file."""
        await self._ask(path, query, lambda response: _save(response, into))

    @property
    def last_cause(self) -> str:
        """What went wrong last, in words; "" if nothing did."""
        return "" if self._last is None else f" The last thing that went wrong: {self._last.what}."

    async def _ask(self, path: str, query: Query, read: Callable[[httpx.Response], Awaitable[T | _Cause]]) -> T:
        leads, self._leader_asked = not self._leader_asked, True
        counts: Counter[str] = Counter()
        tries = 0
        while True:
            tries += 1
            await self._keep_pause()
            outcome = await self._once(path, query, read)
            if not isinstance(outcome, _Cause):
                self._let_in.set()
                return outcome
            self._last = outcome
            counts[outcome.kind] += 1
            if self._turned_away(outcome):
                raise Unreachable(self._told(path, outcome, tries))
            if counts[outcome.kind] >= _LIMITS[outcome.kind] or tries >= _LIMITS["moment"]:
                refused = outcome.kind == "request" or outcome is _FORBIDDEN
                raise (Refused if refused else Unreachable)(self._told(path, outcome, tries))
            if leads or self._let_in.is_set() or outcome.kind not in _REFUSALS:
                await self._wait(tries, outcome)
            else:
                await self._let_in.wait()  # a key that is refused is tried again by one request, not by all

    def _turned_away(self, cause: _Cause) -> bool:
        """Whether the first requests of all, made at one time, were refused as often as one request may be."""
        if self._let_in.is_set() or cause.kind not in _REFUSALS:
            return False
        self._refusals[cause.kind] += 1
        return self._refusals[cause.kind] >= _LIMITS[cause.kind]

    def _told(self, path: str, cause: _Cause, tries: int) -> str:
        often = "" if tries == 1 else f" ({tries} requests)"
        return f"Impartner at {self._connection.host} did not give {path}: {cause.what}{often}. {cause.remedy}"

    async def _once(
        self, path: str, query: Query, read: Callable[[httpx.Response], Awaitable[T | _Cause]]
    ) -> T | _Cause:
        import httpx

        try:
            async with asyncio.timeout(self._waits.answer):
                url = self._connection.objects + path
                async with self._client.stream("GET", url, params=dict(query)) as response:
                    return _judge_status(response) or await read(response)
        except (TimeoutError, httpx.TimeoutException):
            return _Cause("moment", "the server did not answer in time", _LATER)
        except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol):
            return _Cause("moment", "no connection to the server", _NETWORK)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            return _Cause("moment", "the connection broke off", _NETWORK)

    async def _keep_pause(self) -> None:
        pause = self._pause_until - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)

    async def _wait(self, tries: int, cause: _Cause) -> None:
        waits = self._waits
        growth = (waits.longest / waits.first) ** (1 / (_LIMITS["moment"] - 2))
        wait = waits.first * growth ** (tries - 1) * random.uniform(0.8, 1.2)  # noqa: S311  jitter, no secret
        if cause.retry_after is not None:
            asked = min(cause.retry_after, waits.retry_after)
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
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work).result()


async def bounded(connection: Connection, asking: Asking, work: Coroutine[Any, Any, T]) -> T:
    """Let the work take as long as patience lasts, then raise Unreachable with the last cause."""
    try:
        async with asyncio.timeout(connection.patience):
            return await work
    except TimeoutError:
        pass  # told below, outside of this block, so that no request hangs on the exception
    raise Unreachable(
        f"Impartner at {connection.host} was not done after {connection.patience:.0f} seconds.{asking.last_cause} "
        "Try again later, or allow more time with PARTNER_CERTS_IMPARTNER_PATIENCE"
    )


# ---------------------------------------------------------------------------------------------------------------------

_Kind = Literal["key", "door", "moment", "request"]
_LIMITS: dict[_Kind, int] = {
    "key": 3,  # 401: a valid key gets one now and then
    "door": 2,  # 403, a login page, a redirect
    "moment": 6,  # what may be over in a moment
    "request": 1,  # the request itself is not understood
}
_REFUSALS: tuple[_Kind, ...] = ("key", "door")
_LARGEST_BODY = 256 * 2**20  # bytes; no page of users comes near it
_LARGEST_FILE = 2**30
_MOMENTARY = (408, 429)

_LATER = "Try again later"
_NETWORK = "See to the network and the address (PARTNER_CERTS_IMPARTNER_URL), then try again"
_KEY = "See that the key (PARTNER_CERTS_IMPARTNER_KEY) is complete, valid, and of this server"
_ROLE = "Give the key's role permission to read this object, or see that the address and the tenant are right"
_DOOR = "See that the address (PARTNER_CERTS_IMPARTNER_URL) is that of the API, and that the key is valid"
_ASKED_WRONG = "Run partner-certs doctor to see whether address, tenant and fields fit this Impartner"


@dataclass(frozen=True)
class _Cause:
    kind: _Kind
    what: str
    remedy: str
    retry_after: float | None = None


_FORBIDDEN = _Cause("door", "the key may not read this (403)", _ROLE)


def _judge_status(response: httpx.Response) -> _Cause | None:
    status = response.status_code
    if status == 401:
        return _Cause("key", "the key is refused (401)", _KEY)
    if status == 403:
        return _FORBIDDEN
    if 300 <= status < 400:
        return _Cause("door", f"it sends elsewhere (redirect {status}), which is not followed with a key", _DOOR)
    if status in _MOMENTARY or status >= 500:
        what = "too many requests (429)" if status == 429 else f"the server is not well ({status})"
        return _Cause("moment", what, _LATER, _retry_after(response))
    if not 200 <= status < 300:
        return _Cause("request", f"the request is not understood ({status})", _ASKED_WRONG)
    if "html" in response.headers.get("content-type", "").casefold():
        return _LOGIN_PAGE
    return None


_LOGIN_PAGE = _Cause("door", "it answers with a web page, perhaps to log in", _DOOR)
_NO_ENVELOPE = _Cause("moment", "the answer is not what the API gives", _LATER)


def _retry_after(response: httpx.Response) -> float | None:
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(min(int(asked[:9]), 10**6))
    try:
        # The server's own clock tells how long that is from now.
        until, now = (parsedate_to_datetime(text) for text in (asked, response.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None


async def _open_envelope(response: httpx.Response, read: Callable[[Any], T]) -> T | _Cause:
    body = await _body(response)
    if body is None:
        return _NO_ENVELOPE
    if body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        return _LOGIN_PAGE
    try:
        envelope = _by_small_key(json.loads(body, parse_float=_number, parse_constant=_no_number))
        if envelope["success"] is False:
            return _judge_errors(envelope)
        if envelope["success"] is not True:
            return _NO_ENVELOPE
        return read(envelope["data"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _NO_ENVELOPE


async def _body(response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)


async def _save(response: httpx.Response, into: IO[bytes]) -> _Cause | None:
    if "json" in response.headers.get("content-type", "").casefold():
        # A file was asked for: an envelope in its place tells an error.
        cause = await _open_envelope(response, lambda _: _NO_ENVELOPE)
        return cause if isinstance(cause, _Cause) else _NO_ENVELOPE
    into.seek(0)
    into.truncate()
    async for chunk in response.aiter_bytes():
        into.write(chunk)
        if into.tell() > _LARGEST_FILE:
            return _Cause("request", "the file is larger than any export of users", _ASKED_WRONG)
    into.flush()
    return None


def _by_small_key(found: dict[str, Any]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in found.items()}


def _read_page(data: dict[str, Any]) -> Answer:
    page = _by_small_key(data)
    count, rows = page["count"], page["results"]
    if isinstance(count, bool) or not isinstance(count, int) or count < 0 or not isinstance(rows, list):
        raise ValueError("no page")
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("no objects")
    return Answer(count, rows)


def _number(text: str) -> str:
    """A number as a cell shows it: whole ones without `.0`, others as the server wrote them."""
    number = float(text)
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else text


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _judge_errors(envelope: dict[str, Any]) -> _Cause:
    errors = [_by_small_key(error) for error in envelope.get("errors") or [] if isinstance(error, dict)]
    codes = " ".join(str(error.get("code") or "") for error in errors).casefold()
    about = [word for word in _ABOUT_THE_REQUEST if word in codes]
    if about or any(error.get("fields") for error in errors):
        return _Cause("request", "the server does not understand what it is asked for", _ASKED_WRONG)
    return _Cause("moment", "the server says that it failed", _LATER)


# Which codes there are is not public; those with one of these words speak of the request, and repeating it is no use.
_ABOUT_THE_REQUEST = (
    "invalid", "unknown", "badrequest", "bad_request", "validation", "notfound", "not_found", "notexist", "permission",
    "denied", "forbidden", "unauthorized", "unsupported", "malformed", "required", "syntax", "parse", "field", "filter",
)  # fmt: skip


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
