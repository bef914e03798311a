"""How to ask: one request, tried again when that can help.

What an answer is worth is judged in `responses.py`; how often and how soon a request is tried again is in
`backoff.py`, how many are in flight in `gate.py`. Neither the key nor anything of a body reaches a message.
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
Read = Callable[[Any], T]  # of what stands under `data` in the envelope

ID, ACCOUNT = "Id", "Account"
DESCRIBE_USERS, DESCRIBE_ACCOUNTS = "User/_describe", "Account/_describe"  # which fields there are
UNPROVED_KEY = 2  # requests that may be made before one of them is answered
WARN_EVERY = 10.0  # seconds between two warnings
_LOG = logging.getLogger(__name__)


class Refused(Unreachable):
    """The API won't answer this request, whoever repeats it; it may answer others."""

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class Client:
    """Asks one Impartner. Use as `async with`; all requests share connections, the gate, and the fate of the key.

    The first request must be one that a pull can't do without: nobody goes on before it, if it is refused.
    patient: whether a server that can't be reached is waited for (as one that is busy always is).
    """

    def __init__(self, connection: Connection, backoff: Backoff, *, patient: bool = False) -> None:
        self._connection = connection
        self._backoff = backoff
        self._endless: tuple[Kind, ...] = ("busy", "away") if patient else ("busy",)
        self._gate = Gate(connection.concurrency)
        self._last: Failure | None = None
        self._asked = 0
        self._busy = 0  # failures in a row for which all have to wait
        self._let_in = asyncio.Event()
        self._refusals: Counter[str] = Counter()  # of any request, until one is let in
        self._answers: Counter[str] = Counter()  # by the object that was asked for
        self._refused: set[str] = set()  # objects that were refused to the end, and are asked for once from then on
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
        """Ask for it already; `data` waits for the answer."""
        self._begun[path, ""] = asyncio.create_task(self._ask(path, {}, _as_it_is))

    def begin_page(self, entity: str, query: Query) -> None:
        """The same with `page`."""
        self._begun[entity, repr(query)] = asyncio.create_task(self._ask(entity, query, read_page))

    async def data(self, path: str) -> Any:
        """What stands under `data` in the envelope of GET `path`."""
        begun = self._begun.pop((path, ""), None)
        return await (begun or self._ask(path, {}, _as_it_is))

    async def page(self, entity: str, query: Query) -> Answer:
        """One page of an object, such as `User`; `query` holds fields, filter, orderby, skip, take."""
        begun = self._begun.pop((entity, repr(query)), None)
        return await (begun or self._ask(entity, query, read_page))

    @property
    def last_cause(self) -> str:
        """What went wrong last, in words; "" if nothing did."""
        return "" if self._last is None else f" The last thing that went wrong: {self._last.what}."

    async def _ask(self, path: str, query: Query, read: Read[T]) -> T:
        self._asked += 1
        leads = self._asked == 1
        if self._asked > UNPROVED_KEY:
            await self._let_in.wait()
        counts: Counter[Kind] = Counter()
        entity = path.partition("/")[0]
        answers = float("inf")  # to requests for the same object, up to the last failure of this one
        while isinstance(outcome := await self._once(path, query, read), Failure):
            failure = self._last = self._in_context(outcome, others_let_in=self._answers[entity] > answers)
            answers = self._answers[entity]
            counts[failure.kind] += 1
            if self._is_over(entity, failure, counts):
                if not leads and failure.kind not in REFUSALS:
                    await self._let_in.wait()  # what it means depends on the first request, whichever is answered first
                self._stop(path, failure, counts.total())
            if leads or self._let_in.is_set() or failure.kind not in REFUSALS:
                await self._wait(failure, counts)
            else:
                await self._let_in.wait()  # a key that is refused is tried again by one request, not by all
        self._busy = 0
        self._answers[entity] += 1
        self._let_in.set()
        self._gate.went_well()
        return outcome

    async def _once(self, path: str, query: Query, read: Read[T]) -> T | Failure:
        """Ask, and read the answer in a thread: the next request goes out before that."""
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
        """What a refused key means if it was good before, and still is for other requests like this one."""
        if failure.kind != "key" or not self._let_in.is_set():
            return failure
        return KEY_DOUBTED if others_let_in else KEY_EXPIRED

    def _is_over(self, entity: str, failure: Failure, counts: Counter[Kind]) -> bool:
        """Whether this request has been tried as often as may be, or all together have before one was let in."""
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
        if failure.by_api and failure.kind != "question" and not self._answers[entity]:
            self._refused.add(entity)
        often = "" if tries == 1 else f" ({tries} requests)"
        message = f"Impartner at {self._connection.host} did not give {path}: {failure.what}{often}. {failure.remedy}"
        # Before anybody is let in, it is the key that is refused, and not this request.
        raise Refused(message, failure) if failure.by_api and self._let_in.is_set() else Unreachable(message)

    async def _wait(self, failure: Failure, counts: Counter[Kind]) -> None:
        """Wait for the next try. What the server or the way to it asks of one request concerns all of them."""
        if failure.kind not in ("busy", "away"):
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
        """Log what is waited for, but not all the time."""
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
