"""The envelope around an answer, and the faults that damage its bytes."""

import json
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sources.sandbox.site import Site


def damage(site: Site, data: Any) -> Response:
    """The response with `data` in its envelope, damaged by the faults that strike."""
    strikes = site.faults.strikes
    envelope: dict[str, Any] = {"success": True, "data": data}
    if strikes("errors"):
        envelope["errors"] = [{"fields": [], "code": "E77", "message": "Some of it could not be read"}]
    body = _spoil_text(site, json.dumps(envelope, ensure_ascii=False).encode())
    if strikes("truncated"):
        body = body[: len(body) // 2]
    if strikes("drop"):
        return _Dropped(body)
    return Response(body, media_type="application/json")


# ---------------------------------------------------------------------------------------------------------------------


class _Dropped(Response):
    """Announces the whole body, sends half of it, and breaks the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})


def _spoil_text(site: Site, body: bytes) -> bytes:
    """Damage the first name or field in a way that no JSON library would write."""
    strikes = site.faults.strikes
    for fault, before, after in (
        ("control", b'"name": "', b'"name": "\x01'),
        ("surrogate", b'"name": "', b'"name": "\\ud83d'),
        ("latin", b'"name": "', b'"name": "J\xfcrgen '),
        ("twin-keys", b'"sA_Verified__cf": ', b'"SA_VERIFIED__cf": true, "sA_Verified__cf": '),
    ):
        if before in body and b'"entity": "User"' in body and strikes(fault):
            body = body.replace(before, after, 1)
    return body
