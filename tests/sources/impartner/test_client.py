"""How answers are judged, and how long is waited before the next try."""

import asyncio
import random

import httpx
import pytest

from sources.impartner import Connection
from sources.impartner.client import Backoff, Client
from sources.impartner.responses import Failure, _judge_errors, _retry_after, open_envelope

CONNECTION = Connection("http://127.0.0.1:9", "pretend-key")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 5000}, 10**6),
        ({"Retry-After": "Sat, 21 Nov 2026 10:00:30 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry-After": "Sat, 21 Nov 2026 10:00:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:30 GMT"}, 0),
        ({"Retry-After": "Sat, 21 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_understood_as_seconds_and_as_a_date(headers, seconds):
    """A date is taken by the server's own clock."""
    assert _retry_after(httpx.Response(429, headers=headers)) == seconds


def test_waits_grow_from_half_a_second_to_twenty(monkeypatch):
    """With jitter around them; what the server asks for is honoured up to two minutes."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def wait() -> None:
        client = Client(CONNECTION, Backoff())
        for tries in range(1, 6):
            await client._wait(tries, Failure("moment", "", ""))
        await client._wait(1, Failure("moment", "", "", 60))
        await client._wait(1, Failure("moment", "", "", 3600))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(random, "uniform", lambda _low, _high: 1.0)
    asyncio.run(wait())
    assert waited == pytest.approx([0.5, 1.26, 3.16, 7.95, 20, 60, 120], rel=0.01)


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([], "moment"),
        (None, "moment"),
        ([{"code": "", "message": "Invalid"}], "moment"),
        ([{"code": "E1234"}], "moment"),
        ([{"code": "UnknownError"}], "moment"),
        ([{"Code": "InvalidFilter"}], "request"),
        ([{"code": "", "fields": ["Nope"]}], "request"),
        (["rubbish"], "moment"),
    ],
)
def test_an_error_about_the_request_is_not_tried_again(errors, kind):
    """Others may be over in a moment."""
    assert _judge_errors({"success": False, "errors": errors}).kind == kind


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"1", b'"x"', b"{}", b"\xff\xfe", b"[" * 10**5, b"<Response/>"),
        b'{"success": 1, "data": {}}',
        b'{"success": true}',
        b'{"success": true, "data": NaN}',
        b'{"success": true, "data": {"n": 1' + b"0" * 5000 + b"}}",
    ],
)
def test_a_body_that_is_not_the_envelope_is_tried_again(body):
    """Whatever it is."""
    outcome = asyncio.run(open_envelope(httpx.Response(200, content=body), lambda data: data))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "moment"


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf\n <HTML><body>"])
def test_a_page_for_people_is_known_by_its_beginning(body):
    """Also when it says to be JSON."""
    response = httpx.Response(200, content=body, headers={"Content-Type": "application/json"})
    outcome = asyncio.run(open_envelope(response, lambda data: data))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "door"
