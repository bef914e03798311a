"""Sending a request, and trying again when that can help.

`responses.py` judges answers, `backoff.py` says how often and how soon to try again, and `gate.py` how many requests
are in flight. Neither the key nor any part of a body gets into a message.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import httpx

from schemas.errors import Unreachable
from sources.impartner.backoff import MOST, REFUSALS, TRIES, Backoff
from sources.impartner.connection import Connection
from sources.impartner.failures import KEY_DOUBTED, KEY_EXPIRED, Failure, Kind
from sources.impartner.gate import Gate
from sources.impartner.responses import Answer, judge_status, open_envelope, read_body, read_page
from sources.impartner.transport import failure_of, open_session

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")
Query = Mapping[str, str | int]
Read = Callable[[Any], T]  # parses `data` of the envelope

ID, ACCOUNT = "Id", "Account"
DESCRIBE_USERS, DESCRIBE_ACCOUNTS = "User/_describe", "Account/_describe"  # their fields
UNPROVED_KEY = 2  # requests that may be sent before one of them is answered
WARN_EVERY = 10.0  # seconds between two warnings
_LOG = logging.getLogger(__name__)


class Refused(Unreachable):
    """The API won't answer this request, even if repeated; it may answer others."""

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class Client:
    """A client of one Impartner. Use as `async with`; all requests share connections, the gate, and the key's state.

    The first request must be an indispensable one: if it is refused, no other request goes on before it succeeds.
    patient: wait for a server that can't be reached, as for a busy one.
    """

    def __init__(self, connection: Connection, backoff: Backoff, *, patient: bool = False) -> None:
        self._connection = connection
        self._backoff = backoff
        self._endless: tuple[Kind, ...] = ("busy", "unreachable") if patient else ("busy",)
        self._gate = Gate(connection.concurrency)
        self._last: Failure | None = None
        self._asked = 0
        self._busy = 0  # failures in a row that made all requests wait
        self._let_in = asyncio.Event()  # the key has been accepted
        self._refusals: Counter[str] = Counter()  # of all requests, until one is let in
        self._answers: Counter[str] = Counter()  # by entity
        self._refused: set[str] = set()  # entities that were finally refused, requested only once from then on
        self._begun: dict[tuple[str, str], asyncio.Task[Any]] = {}  # by path and query
        self._warn_from = 0.0

    async def __aenter__(self) -> Client:
        self._session = open_session(self._connection)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for task in self._begun.values():
            task.cancel()
        await asyncio.gather(*self._begun.values(), return_exceptions=True)
        await self._session.aclose()

    def begin_data(self, path: str) -> None:
        """Send the request now; `data` will wait for the answer."""
        self._begun[path, ""] = asyncio.create_task(self._ask(path, {}, _as_it_is))

    def begin_page(self, entity: str, query: Query) -> None:
        """The same for `page`."""
        self._begun[entity, repr(query)] = asyncio.create_task(self._ask(entity, query, read_page))

    async def data(self, path: str) -> Any:
        """`data` of the envelope that GET `path` returns. Raises Unreachable."""
        begun = self._begun.pop((path, ""), None)
        return await (begun or self._ask(path, {}, _as_it_is))

    async def page(self, entity: str, query: Query) -> Answer:
        """One page of an entity, such as `User`. query: fields, filter, orderby, skip, take. Raises Unreachable."""
        begun = self._begun.pop((entity, repr(query)), None)
        return await (begun or self._ask(entity, query, read_page))

    @property
    def last_cause(self) -> str:
        """The last failure as a sentence; "" if there was none."""
        return "" if self._last is None else f" The last thing that went wrong: {self._last.what}."

    async def _ask(self, path: str, query: Query, read: Read[T]) -> T:
        self._asked += 1
        leads = self._asked == 1
        if self._asked > UNPROVED_KEY:
            await self._let_in.wait()
        counts: Counter[Kind] = Counter()
        entity = path.partition("/")[0]
        answers = float("inf")  # answers for the same entity, before the last failure of this request
        while isinstance(outcome := await self._once(path, query, read), Failure):
            failure = self._last = self._in_context(outcome, others_let_in=self._answers[entity] > answers)
            answers = self._answers[entity]
            counts[failure.kind] += 1
            if self._is_over(entity, failure, counts):
                if not leads and failure.kind not in REFUSALS:
                    await self._let_in.wait()  # its meaning depends on the first request, which may still be open
                self._stop(path, failure, counts.total())
            if leads or self._let_in.is_set() or failure.kind not in REFUSALS:
                await self._wait(failure, counts)
            else:
                await self._let_in.wait()  # only one request tries a refused key again
        self._busy = 0
        self._answers[entity] += 1
        self._let_in.set()
        self._gate.went_well()
        return outcome

    async def _once(self, path: str, query: Query, read: Read[T]) -> T | Failure:
        """Send the request, and parse the answer in a thread, so that the next request can be sent first."""
        body = await self._body(path, query)
        return body if isinstance(body, Failure) else await asyncio.to_thread(open_envelope, body, read)

    async def _body(self, path: str, query: Query) -> bytes | Failure:
        async with self._gate:
            try:
                async with asyncio.timeout(self._backoff.answer):
                    url = self._connection.objects + path
                    async with self._session.stream("GET", url, params=dict(query)) as response:
                        return judge_status(response) or await read_body(response)
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as problem:
                return failure_of(problem, self._connection)

    def _in_context(self, failure: Failure, *, others_let_in: bool) -> Failure:
        """The failure, or what a refused key means if it was accepted before, and perhaps still is for this entity."""
        if failure.kind != "key" or not self._let_in.is_set():
            return failure
        return KEY_DOUBTED if others_let_in else KEY_EXPIRED

    def _is_over(self, entity: str, failure: Failure, counts: Counter[Kind]) -> bool:
        """Whether this request has used up its tries, or all requests together theirs before one was let in."""
        if failure.by_api and entity in self._refused:
            return True
        if not self._let_in.is_set() and failure.kind in REFUSALS:
            self._refusals[failure.kind] += 1
            if self._refusals[failure.kind] >= TRIES[failure.kind]:
                return True
        if failure.kind in self._endless:
            return False
        tries = sum(count for kind, count in counts.items() if kind not in self._endless)
        return tries >= MOST or counts[failure.kind] >= TRIES.get(failure.kind, MOST)

    def _stop(self, path: str, failure: Failure, tries: int) -> NoReturn:
        entity = path.partition("/")[0]
        if failure.by_api and failure.kind != "query" and not self._answers[entity]:
            self._refused.add(entity)
        often = "" if tries == 1 else f" ({tries} requests)"
        message = f"Impartner at {self._connection.host} did not give {path}: {failure.what}{often}. {failure.remedy}"
        # Before any request is let in, it is the key that is refused, not this request.
        raise Refused(message, failure) if failure.by_api and self._let_in.is_set() else Unreachable(message)

    async def _wait(self, failure: Failure, counts: Counter[Kind]) -> None:
        """Wait before the next try. If the server is busy or unreachable, all requests wait."""
        if failure.kind not in ("busy", "unreachable"):
            wait = self._backoff.wait(counts.total(), failure.wait)
            if failure.wait is not None:
                self._gate.close(wait)
            await asyncio.sleep(wait)
            return
        self._busy += 1
        wait = self._backoff.wait(self._busy, failure.wait)
        self._gate.close(wait)
        if failure.kind == "busy":
            self._gate.slow_down()
        self._warn(failure, wait)

    def _warn(self, failure: Failure, wait: float) -> None:
        """Log why it waits, at most once every WARN_EVERY seconds."""
        now = asyncio.get_running_loop().time()
        if now >= self._warn_from:
            self._warn_from = now + WARN_EVERY
            _LOG.warning(
                "Impartner at %s: %s. Trying again in %.1f s, with %d at a time",
                self._connection.host, failure.what, wait, self._gate.width,
            )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------


def _as_it_is(data: Any) -> Any:
    return data
