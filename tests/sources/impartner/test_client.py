"""How answers are judged, and how long is waited before the next try."""

import asyncio
import random

import httpx
import pytest

from sources.impartner.backoff import Backoff
from sources.impartner.client import Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.failures import Failure
from sources.impartner.responses import Answer, judge_status, open_envelope, read_body, read_page


def judged(body, read=lambda data: data, content_type="application/json"):
    """What becomes of an answer with this body."""
    response = httpx.Response(200, content=body, headers={"Content-Type": content_type})
    return open_envelope(asyncio.run(read_body(response)), read)


def test_waits_grow_from_half_a_second_to_twenty(monkeypatch):
    """With jitter around them; what the server asks for is honoured up to two minutes."""
    monkeypatch.setattr(random, "uniform", lambda _low, _high: 1.0)
    backoff = Backoff()
    waits = [backoff.wait(failures) for failures in range(1, 8)]
    assert waits == pytest.approx([0.5, 1.26, 3.16, 7.95, 20, 20, 20], rel=0.01)
    assert [backoff.wait(1, asked) for asked in (60, 3600, 0.1, 0)] == pytest.approx([60, 120, 0.5, 0.5])


@pytest.mark.parametrize(
    ("status", "content_type", "kind"),
    [
        (401, "application/json", "key"), (403, "application/json", "door"), (403, "text/html", "door"),
        (404, "application/json", "request"), (405, "text/html", "request"), (400, "application/json", "question"),
        (413, "text/html", "question"), (422, "application/json", "question"), (407, "text/html", "door"),
        (408, "", "moment"), (429, "", "busy"), (500, "", "moment"), (502, "text/html", "moment"),
        (503, "text/html", "busy"), (302, "", "door"), (200, "text/html; charset=utf-8", "door"),
    ],
)  # fmt: skip
def test_what_a_status_means(status, content_type, kind):
    """As far as it can be known without the body."""
    assert judge_status(httpx.Response(status, headers={"Content-Type": content_type})).kind == kind


def test_a_firewall_is_told_from_a_role():
    """The API says no in JSON; what says no with a web page stands before it."""
    page = judge_status(httpx.Response(403, headers={"Content-Type": "text/html"}))
    assert "firewall" in page.what
    assert not page.by_api
    said = judge_status(httpx.Response(403, headers={"Content-Type": "application/json"}))
    assert "role" in said.remedy
    assert said.by_api


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ("[]", "moment"),
        ("null", "moment"),
        ('[{"code": "", "message": "Invalid"}]', "moment"),
        ('[{"code": "E1234"}]', "moment"),
        ('[{"code": "UnknownError"}]', "moment"),
        ('[{"Code": "InvalidFilter"}]', "question"),
        ('[{"code": "", "fields": ["Nope"]}]', "question"),
        ('["rubbish"]', "moment"),
        ('"rubbish"', "moment"),
        ('{"a": 1}', "moment"),
    ],
)
def test_an_error_about_the_request_is_not_tried_again(errors, kind):
    """Others may be over in a moment."""
    assert judged(f'{{"success": false, "errors": {errors}}}'.encode()).kind == kind


@pytest.mark.parametrize(
    "errors", ['[{"code": "E77"}]', '[{"code": "", "fields": []}]', '["rubbish"]', '"rubbish"', "1"]
)
def test_errors_beside_success_are_no_success(errors):
    """Some of the users may be missing."""
    body = f'{{"success": true, "Errors": {errors}, "data": 7}}'.encode()
    assert judged(body).kind == "moment"


@pytest.mark.parametrize("errors", ["[]", "null", '""', "{}"])
def test_no_errors_beside_success_are_a_success(errors):
    """The key alone says nothing."""
    assert judged(f'{{"success": true, "errors": {errors}, "data": 7}}'.encode()) == 7


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
    outcome = judged(body)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "moment"


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf\n <HTML><body>"])
def test_a_page_for_people_is_known_by_its_beginning(body):
    """Also when it says to be JSON."""
    outcome = judged(body)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "door"


@pytest.mark.parametrize(
    "body",
    [
        b'{"success": true, "data": {"sA_Verified__cf": true, "SA_Verified__cf": false}}',
        b'{"success": true, "data": [{"a": 1}, {"id": 5, "ID": 5}]}',
        b'{"success": true, "data": {"a": 1, "a": 1}}',
        b'{"success": true, "Success": true, "data": 1}',
    ],
)
def test_keys_that_are_one_are_refused_with_their_names(body):
    """Which of them is right nobody can tell, and asking again makes it no better."""
    outcome = judged(body)
    assert outcome.kind == "content"
    assert "beside" in outcome.what


@pytest.mark.parametrize(
    ("data", "rows"),
    [('{"count": 0}', []), ('{"Count": 0, "results": null}', []), ('{"count": 0, "results": []}', []),
     ('{"count": 1, "Results": [{"ID": 5}]}', [{"id": 5}])],
)  # fmt: skip
def test_a_page_may_lack_its_list_where_nothing_matches(data, rows):
    """Keys are in any letter case."""
    answer = judged(f'{{"success": true, "data": {data}}}'.encode(), read_page)
    assert answer == Answer(len(rows), rows)


@pytest.mark.parametrize(
    "data", ['{"count": 1}', '{"count": 1, "results": null}', '{"count": -1, "results": []}', '{"results": []}',
             '{"count": true, "results": []}', '{"count": 1, "results": {}}', '{"count": 1, "results": [1]}']
)  # fmt: skip
def test_what_is_no_page_is_asked_for_again(data):
    """A list that is lost beside a count is no empty list."""
    assert judged(f'{{"success": true, "data": {data}}}'.encode(), read_page).kind == "moment"


@pytest.mark.parametrize("body", [b'{"success": true, "data": "a\x01\n\tb"}'])
def test_raw_control_characters_are_text(body):
    """What somebody pasted into one cell must not lose all of the others."""
    assert judged(body) == "a\x01\n\tb"


# --- requests beside the first one -----------------------------------------------------------------------------------


def test_a_refusal_that_comes_before_the_first_answer_waits_for_it(monkeypatch):
    """Until the first request is let in, nobody knows whether it is the key or the request that is refused."""
    refused = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Account"):
            refused.set()
            return httpx.Response(404)
        await refused.wait()
        return httpx.Response(200, json={"success": True, "data": []})

    def session(_connection) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(answer))

    async def ask() -> None:
        async with Client(Connection("http://127.0.0.1", "key"), Backoff()) as client:
            client.begin_data("User/_describe")
            await asyncio.sleep(0)  # it is on its way
            with pytest.raises(Refused, match="404"):
                await client.page("Account", {})

    monkeypatch.setattr("sources.impartner.client.open_session", session)
    asyncio.run(ask())
