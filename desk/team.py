"""A team's desk: behind a proxy that knows who comes, on a Unix socket that only the proxy reaches.

The proxy names the person in one header. A header that is there twice may have been brought along by the browser, so
nobody is let in with it. The loopback's door, with a token and a cookie, is in `door.py`.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from desk.door import HEADERS, message


class Proxy:
    """Who may come in: a person whom the proxy names, asking for the desk's own address, acting from its own pages."""

    def __init__(self, user_header: str, origin: str, policy: str) -> None:
        self._header, self._policy = user_header, policy
        self._origin = origin.rstrip("/")
        self._host = urlsplit(self._origin).netloc

    async def open(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Let a request in, or refuse it."""
        response = self.refusal(request) or await call_next(request)
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = self._policy
        return response

    def refusal(self, request: Request) -> Response | None:
        """Why a request is not let in; None if it is."""
        if request.headers.getlist("host") != [self._host]:
            return message(421, "This page answers to another address.")
        if self.person(request) is None:
            return message(403, "The proxy in front of this page must say who you are, once.")
        if request.method not in ("GET", "HEAD") and request.headers.getlist("origin") != [self._origin]:
            return message(403, "Decisions are taken from this page only.")
        return None

    def person(self, request: Request) -> str | None:
        """Who asks, as the proxy names them; None unless it does so exactly once."""
        named = [value.strip() for value in request.headers.getlist(self._header)]
        return named[0] if len(named) == 1 and named[0] else None
