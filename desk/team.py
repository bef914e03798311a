"""Access to a team's desk, on a Unix socket that only the team's proxy can reach.

The proxy names the user in a header. If the header comes twice, the browser may have sent one of them, so the request
is refused. Access on loopback, with a token and a cookie, is in `door.py`.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from desk.door import HEADERS, is_from, message


class Proxy:
    """Lets in requests of a user whom the proxy names, with the desk's own Host, and from its own Origin."""

    def __init__(self, user_header: str, origin: str, policy: str) -> None:
        self._header, self._policy = user_header, policy
        self._origin = origin.rstrip("/")
        self._scheme, self._host, *_ = urlsplit(self._origin)

    async def open(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Pass a request on, or refuse it."""
        request.scope["scheme"] = self._scheme  # the socket has none of its own, and redirects need the browser's
        response = self.refusal(request) or await call_next(request)
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = self._policy
        return response

    def refusal(self, request: Request) -> Response | None:
        """The response to a request that is refused; None if it is not."""
        if request.headers.getlist("host") != [self._host]:
            return message(421, "This page answers to another address.")
        if self.person(request) is None:
            return message(403, "The proxy in front of this page must say who you are, once.")
        if not is_from(request, self._origin):
            return message(403, "Requests from other sites are refused.")
        return None

    def person(self, request: Request) -> str | None:
        """The user whom the proxy names; None unless it does so exactly once."""
        named = [value.strip() for value in request.headers.getlist(self._header)]
        return named[0] if len(named) == 1 and named[0] else None
