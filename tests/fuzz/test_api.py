"""Mutated API responses: every user is read as sent, or nothing is."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from schemas.errors import Stop
from sources.impartner.backoff import Backoff
from sources.impartner.pull import pull
from sources.sandbox import serving
from tests.examples import few
from tests.fuzz.mutations import mutated, mutated_json
from tests.sources.impartner.pulling import connect

USERS = 12
TENANT: dict[str, Any] = {"users": USERS, "accounts": 3, "maximum": 5}
QUICK = Backoff(first=0.001, longest=0.002, retry_after=0.002, answer=0.5)


@pytest.fixture(scope="module")
def answers() -> Sequence[bytes]:
    """The sandbox's responses in an undisturbed pull, each once."""
    given: dict[bytes, None] = {}

    def noted(_: Any, data: Any) -> Response:
        given[body_of(data)] = None
        return Response(body_of(data), media_type="application/json")

    with pytest.MonkeyPatch.context() as patch, serving(**TENANT) as sandbox:
        patch.setattr("sources.sandbox.app.damage", noted)
        pull(connect(sandbox, page_size=5), backoff=QUICK)
    return sorted(given)


@few(10)
@given(data=st.data())
def test_a_mutated_response_is_refused_or_read_completely(
    monkeypatch: pytest.MonkeyPatch, answers: Sequence[bytes], data: st.DataObject
) -> None:
    """One response is replaced each time it is sent; no user is lost or repeated."""
    plain = data.draw(st.sampled_from(answers))
    changed = data.draw(mutated(plain) | mutated_json(json.loads(plain)).map(lambda value: json.dumps(value).encode()))

    def spoilt(_: Any, answer: Any) -> Response:
        body = body_of(answer)
        return Response(changed if body == plain else body, media_type="application/json")

    monkeypatch.setattr("sources.sandbox.app.damage", spoilt)
    with serving(**TENANT) as sandbox:
        try:
            export = pull(connect(sandbox, page_size=5, patience=2), backoff=QUICK)
        except Stop:
            return
    assert export.frame.height == USERS
    assert export.user_ids is not None
    assert export.user_ids.n_unique() == USERS


def body_of(data: Any) -> bytes:
    """The response in its envelope."""
    return json.dumps({"success": True, "data": data}).encode()
