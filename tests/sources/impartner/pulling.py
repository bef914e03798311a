"""Shared by the pull tests: a connection to the sandbox, short waits, and the requests it received."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from schemas.errors import Unreachable
from sources.impartner.backoff import Backoff
from sources.impartner.connection import Connection
from sources.sandbox import Sandbox

FAST = Backoff(first=0.01, longest=0.03, retry_after=0.05, answer=20)  # answer: long enough for a busy machine
IMPATIENT = replace(FAST, answer=1.0)
USERS = 90
SMALL = {"users": USERS, "accounts": 12, "maximum": 20}


def connect(sandbox: Sandbox, **settings) -> Connection:
    """A connection to the sandbox, with its tenant proof."""
    return Connection(**{"url": sandbox.url, "key": sandbox.key, "proof": sandbox.proof, "page_size": 20} | settings)


def stopped_by_patience(attempt: Callable[[float], object], pattern: str) -> None:
    """Attempt a pull whose patience must end, with a message like this. A busy machine gets more patience."""
    message = ""
    for patience in (0.5, 5, 50, 500):
        with pytest.raises(Unreachable) as stopped:
            attempt(patience)
        message = str(stopped.value)
        if re.search(pattern, message):
            return
    raise AssertionError(message)


@contextmanager
def round_trips() -> Iterator[list[int]]:
    """Of each request, the round in which the client sent it: one after that of the last answer that it had by then.

    It is counted at the client, in the order of what happens: how long that takes does not matter.
    """
    rounds, answered, send = list[int](), [0], httpx.AsyncHTTPTransport.handle_async_request

    async def count(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        number = max(answered) + 1
        rounds.append(number)
        response = await send(transport, request)
        answered.append(number)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", count)
        yield rounds


def backoff_for(fault: str) -> Backoff:
    """Give up on an answer early only where the fault is a late answer."""
    return IMPATIENT if fault.startswith("slow") else FAST


def pages_asked(sandbox: Sandbox) -> list[dict[str, str]]:
    """The queries that asked for users' names."""
    users = [query for path, query in sandbox.site.asked if path.endswith("/User")]
    return [query for query in users if "Name" in query.get("fields", "").split(",")]
