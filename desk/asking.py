"""What a page's script sends, and who sends it. A name that is typed counts only where no proxy names the person."""

import json
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desk.team import Proxy

LARGEST = 1 << 20  # bytes of a request
NAME = "partner_certs_by"  # the cookie in which a browser remembers who decides


class Refused(Exception):  # noqa: N818  the answer is in it
    """A request that can't be understood, with the answer to it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.answer: Response = JSONResponse({"message": words}, status)


class Asking:
    """Reads requests. `proxy` names the person; None where one person has the desk alone."""

    def __init__(self, proxy: Proxy | None) -> None:
        self._proxy = proxy

    @property
    def is_team(self) -> bool:
        """Whether a proxy names the person."""
        return self._proxy is not None

    def who(self, request: Request) -> str:
        """Who has the page: as the proxy names them, else the name that this browser remembers."""
        if self._proxy is not None:
            return self._proxy.person(request) or ""
        return unquote(request.cookies.get(NAME, ""))

    async def body(self, request: Request) -> dict[str, Any]:
        """The JSON object that was sent, with who sends it as `by`. Raises Refused if it is none."""
        data = b""
        async for chunk in request.stream():
            data += chunk
            if len(data) > LARGEST:
                raise Refused(413, "That is too long.")
        try:
            asked = json.loads(data)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict) or request.headers.get("content-type") != "application/json":
            raise Refused(400, "That is not a decision.")
        if self._proxy is not None:
            asked["by"] = self._proxy.person(request)
        return asked
