"""Access to the desk on loopback: only the browser that brought the one-time token, with the right Host and Origin."""

import secrets
from collections.abc import Awaitable, Callable
from threading import Lock

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response


class Guard:
    """Lets in requests with the right Host, the right Origin, and the cookie that the token was exchanged for, once."""

    def __init__(self, token: str, policy: str, command: str) -> None:
        """`policy`: the content security policy of every page; `command`: what makes another token."""
        self._token: str | None = token
        self._policy, self._command = policy, command
        self._cookie = f"partner_certs_{secrets.token_hex(4)}"  # all ports of a host share cookies
        self._session = secrets.token_urlsafe(32)
        self._exchange = Lock()

    async def open(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Pass a request on, or refuse it."""
        response = self._refusal(request)
        if response is None:
            known = _same(request.cookies.get(self._cookie, ""), self._session)
            if known or self._brings_token(request):
                response = await call_next(request)
                if not known:
                    response.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", path="/")
            else:
                response = message(
                    403,
                    "Open the address that the command printed, with its token. A token works once, in one browser; "
                    f"start {self._command} again for another.",
                )
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = self._policy
        return response

    def _refusal(self, request: Request) -> Response | None:
        host = "{}:{}".format(*request.scope["server"])
        if request.headers.get("host") != host:
            return message(421, "This page answers to another address.")
        if not is_from(request, f"http://{host}"):
            return message(403, "Requests from other sites are refused.")
        return None

    def _brings_token(self, request: Request) -> bool:
        return request.method == "GET" and self._use(request.query_params.get("token", ""))

    def _use(self, token: str) -> bool:
        with self._exchange:
            right = self._token is not None and _same(token, self._token)
            if right:
                self._token = None
            return right


def is_from(request: Request, origin: str) -> bool:
    """Whether a request comes from the desk itself: a change has its Origin, and reading has no other one."""
    origins = request.headers.getlist("origin")
    return origins == [origin] or (not origins and request.method in ("GET", "HEAD"))


def message(status: int, text: str) -> Response:
    """A response of plain text."""
    return PlainTextResponse(text + "\n", status)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
