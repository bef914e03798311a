"""How responses are judged, and how long to wait before a retry."""

import asyncio
import random

import httpx
import pytest

from sources.impartner.backoff import Backoff
from sources.impartner.client import Client, Refused
from sources.impartner.connection import Connection
from sources.impartner.failures import Failure
from sources.impartner.responses import Answer, judge_status, open_envelope, read_body, read_page


def outcome_of(body, read=lambda data: data, content_type="application/json"):
    """The outcome of a response with this body."""
    response = httpx.Response(200, content=body, headers={"Content-Type": content_type})
    return open_envelope(asyncio.run(read_body(response)), read)


def test_waits_grow_from_half_a_second_to_twenty(monkeypatch):
    """With jitter; Retry-After is honoured up to two minutes."""
    monkeypatch.setattr(random, "uniform", lambda _low, _high: 1.0)
    backoff = Backoff()
    waits = [backoff.wait(failures) for failures in range(1, 8)]
    assert waits == pytest.approx([0.5, 1.26, 3.16, 7.95, 20, 20, 20], rel=0.01)
    assert [backoff.wait(1, asked) for asked in (60, 3600, 0.1, 0)] == pytest.approx([60, 120, 0.5, 0.5])


@pytest.mark.parametrize(
    ("status", "content_type", "kind"),
    [
        (401, "application/json", "key"), (403, "application/json", "blocked"), (403, "text/html", "blocked"),
        (404, "application/json", "request"), (405, "text/html", "request"), (400, "application/json", "query"),
        (413, "text/html", "query"), (422, "application/json", "query"), (407, "text/html", "blocked"),
        (408, "", "transient"), (429, "", "busy"), (500, "", "transient"), (502, "text/html", "transient"),
        (503, "text/html", "busy"), (302, "", "blocked"), (200, "text/html; charset=utf-8", "blocked"),
    ],
)  # fmt: skip
def test_a_status_decides_the_kind_of_failure(status, content_type, kind):
    """As far as possible without the body."""
    assert judge_status(httpx.Response(status, headers={"Content-Type": content_type})).kind == kind


def test_a_firewall_s_403_differs_from_the_api_s():
    """The API refuses in JSON, a firewall with a web page."""
    page = judge_status(httpx.Response(403, headers={"Content-Type": "text/html"}))
    assert "firewall" in page.what
    assert not page.by_api
    role = judge_status(httpx.Response(403, headers={"Content-Type": "application/json"}))
    assert "role" in role.remedy
    assert role.by_api


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ("[]", "transient"),
        ("null", "transient"),
        ('[{"code": "", "message": "Invalid"}]', "transient"),
        ('[{"code": "E1234"}]', "transient"),
        ('[{"code": "UnknownError"}]', "transient"),
        ('[{"Code": "InvalidFilter"}]', "query"),
        ('[{"code": "", "fields": ["Nope"]}]', "query"),
        ('["rubbish"]', "transient"),
        ('"rubbish"', "transient"),
        ('{"a": 1}', "transient"),
    ],
)
def test_errors_about_the_request_are_not_retried(errors, kind):
    """Others may pass."""
    assert outcome_of(f'{{"success": false, "errors": {errors}}}'.encode()).kind == kind


@pytest.mark.parametrize(
    "errors", ['[{"code": "E77"}]', '[{"code": "", "fields": []}]', '["rubbish"]', '"rubbish"', "1"]
)
def test_errors_beside_success_are_a_failure(errors):
    """Some users may be missing."""
    body = f'{{"success": true, "Errors": {errors}, "data": 7}}'.encode()
    assert outcome_of(body).kind == "transient"


@pytest.mark.parametrize("errors", ["[]", "null", '""', "{}"])
def test_empty_errors_beside_success_are_a_success(errors):
    """The key alone means nothing."""
    assert outcome_of(f'{{"success": true, "errors": {errors}, "data": 7}}'.encode()) == 7


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
def test_a_body_without_the_envelope_is_retried(body):
    """Whatever it is."""
    outcome = outcome_of(body)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "transient"


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf\n <HTML><body>"])
def test_an_html_page_is_recognized_by_its_start(body):
    """Even if its content type is JSON."""
    outcome = outcome_of(body)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "blocked"


@pytest.mark.parametrize(
    "body",
    [
        b'{"success": true, "data": {"sA_Verified__cf": true, "SA_Verified__cf": false}}',
        b'{"success": true, "data": [{"a": 1}, {"id": 5, "ID": 5}]}',
        b'{"success": true, "data": {"a": 1, "a": 1}}',
        b'{"success": true, "Success": true, "data": 1}',
    ],
)
def test_duplicate_keys_are_refused_by_name(body):
    """No one can tell which is right, and a retry won't help."""
    outcome = outcome_of(body)
    assert outcome.kind == "content"
    assert "beside" in outcome.what


@pytest.mark.parametrize(
    ("data", "rows"),
    [('{"count": 0}', []), ('{"Count": 0, "results": null}', []), ('{"count": 0, "results": []}', []),
     ('{"count": 1, "Results": [{"ID": 5}]}', [{"id": 5}])],
)  # fmt: skip
def test_an_empty_page_may_lack_its_list(data, rows):
    """Keys match in any letter case."""
    answer = outcome_of(f'{{"success": true, "data": {data}}}'.encode(), read_page)
    assert answer == Answer(len(rows), rows)


@pytest.mark.parametrize(
    "data", ['{"count": 1}', '{"count": 1, "results": null}', '{"count": -1, "results": []}', '{"results": []}',
             '{"count": true, "results": []}', '{"count": 1, "results": {}}', '{"count": 1, "results": [1]}']
)  # fmt: skip
def test_an_invalid_page_is_retried(data):
    """A missing list with a positive count is not an empty list."""
    assert outcome_of(f'{{"success": true, "data": {data}}}'.encode(), read_page).kind == "transient"


@pytest.mark.parametrize("body", [b'{"success": true, "data": "a\x01\n\tb"}'])
def test_raw_control_characters_are_text(body):
    """What was pasted into one cell must not break the pull."""
    assert outcome_of(body) == "a\x01\n\tb"


# --- concurrent requests ---------------------------------------------------------------------------------------------


def test_an_early_refusal_waits_for_the_first_response(monkeypatch):
    """Until one request succeeds, either the key or the request may be at fault."""
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
            await asyncio.sleep(0)  # until it is sent
            with pytest.raises(Refused, match="404"):
                await client.page("Account", {})

    monkeypatch.setattr("sources.impartner.client.open_session", session)
    asyncio.run(ask())
