"""Reads what a page's script sends, and who sends it. A typed name counts only where no proxy names the user."""

import json
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desk.team import Proxy

LARGEST = 1 << 20  # bytes of a request
NAME = "partner_certs_by"  # the cookie in which a browser remembers who decides


class BadRequest(Exception):  # noqa: N818  it carries the response
    """A request that is not understood, with the response to it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.response: Response = JSONResponse({"message": text}, status)


class RequestReader:
    """Reads requests. `proxy` names the user; None on a desk for one person."""

    def __init__(self, proxy: Proxy | None) -> None:
        self._proxy = proxy

    @property
    def is_team(self) -> bool:
        """Whether a proxy names the user."""
        return self._proxy is not None

    def who(self, request: Request) -> str:
        """The user: as the proxy names them, else the name in this browser's cookie."""
        if self._proxy is not None:
            return self._proxy.person(request) or ""
        return unquote(request.cookies.get(NAME, ""))

    async def body(self, request: Request) -> dict[str, Any]:
        """The JSON object of the request; `by` is replaced by the proxy's user. Raises BadRequest if it is not one."""
        data = b""
        async for chunk in request.stream():
            data += chunk
            if len(data) > LARGEST:
                raise BadRequest(413, "That is too long.")
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict) or request.headers.get("content-type") != "application/json":
            raise BadRequest(400, "That is not a decision.")
        if self._proxy is not None:
            body["by"] = self._proxy.person(request)
        return body
