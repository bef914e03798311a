"""The desk: which address leads to which page. What a page shows is worked out in the room that it belongs to."""

import json
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, DispatchFunction
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import deciding, pages
from desk.current import CurrentRun
from desk.directory import LIMIT
from desk.door import Guard, message
from desk.follow import Follow
from desk.morning import account, morning, token
from desk.night import Nights
from desk.partners import Partners
from desk.team import Proxy
from exports.home.layout import Home
from schemas.errors import NotAllowed, Stop
from schemas.names import near

LARGEST = 1 << 20  # bytes of a request


class Site:
    """The pages of one home. `proxy` says who comes; None where one person has the desk alone."""

    def __init__(self, home: Home, proxy: Proxy | None = None) -> None:
        self._home, self._proxy = home, proxy
        self._current = CurrentRun(home)
        self._nights = Nights(self._current)
        self._follow = Follow(self._nights)
        self._partners = Partners(home, self._current)

    @property
    def routes(self) -> list[Route]:
        """Addresses and what answers at them."""
        return [
            Route("/", self.morning),
            Route("/accounts/{key}", self.account),
            Route("/groups/{group}", self.group),
            Route("/decisions", self.decisions),
            Route("/decisions", self.decide, methods=["POST"]),
            Route("/release", self.to_release),
            Route("/release", self.release, methods=["POST"]),
            Route("/partners", self.partners),
            Route("/runs", self.runs),
            Route("/static/{name}", self.asset),
        ]

    # Morning

    def morning(self, request: Request) -> Response:
        """The newest nightly run, its queue, and the account that is being decided."""
        moment, night = self._nights.now()
        shows = None
        if night and moment.status:
            shows = morning(moment, night, moment.status, request.query_params.get("account"))
        who = self._who(request)
        return pages.page(
            "morning", morning=shows, by=who, team=self._proxy is not None, reasons=self._follow.reasons(who)
        )

    def account(self, request: Request) -> Response:
        """One account, to be put into the page."""
        moment, night = self._nights.now()
        status = deciding.of_run(moment, request.query_params.get("run", ""))
        key = request.path_params["key"]
        if night is None or key not in night.accounts:
            raise NotAllowed("This account has changed since the page was opened. Load the page again")
        return pages.page("account", morning={"current": account(night, status, key)})

    def group(self, request: Request) -> Response:
        """Every member of a group with its changes, before they are approved together."""
        moment, night = self._nights.now()
        status = deciding.of_run(moment, request.query_params.get("run", ""))
        if night is None:
            raise NotAllowed(deciding.NEWER)
        members = deciding.members(night, status, request.path_params["group"])
        items = [{"key": key, "seen": token(one)} for key, _, one in members]
        return pages.page("members", items=items, members=[account(night, status, key) for key, _, _ in members])

    def decisions(self, request: Request) -> Response:
        """What others have decided since a page was loaded; nothing if that is nothing."""
        seen = request.query_params.get("seen", "")
        state = self._follow.since(request.query_params.get("run", ""), int(seen) if seen.isdecimal() else 0)
        return JSONResponse(state) if state else Response(status_code=204)

    async def decide(self, request: Request) -> Response:
        """Decide about what the page shows: all of it, or nothing."""
        return await self._written(request, self._decided)

    def to_release(self, request: Request) -> Response:
        """What would be released, losses first."""
        moment, night = self._nights.now()
        status = deciding.of_run(moment, request.query_params.get("run", ""))
        chosen = deciding.to_release(night, status) if night else []
        return pages.page("release", chosen=deciding.checklist(chosen), seen=deciding.digest(chosen))

    async def release(self, request: Request) -> Response:
        """Release what the page listed."""
        return await self._written(request, self._released)

    # Partners

    def partners(self, request: Request) -> Response:
        """Search, and what was found."""
        query = request.query_params.get("q", "")
        directory = self._partners.directory()
        hits = directory.search(query)
        nearest = "" if hits else near(query, [entry.account for entry in directory.entries])
        return pages.page(
            "partners", query=query, hits=hits, limit=LIMIT, count=len(directory.entries), nearest=nearest
        )

    # The rest

    def runs(self, request: Request) -> Response:
        """The runs, newest first."""
        return pages.page("runs", runs=self._home.manifests())

    def asset(self, request: Request) -> Response:
        """A style, script or picture."""
        return pages.asset(request.path_params["name"])

    # Helpers

    async def _written(self, request: Request, write: Any) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return JSONResponse({"message": "That is too long."}, 413)
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            return JSONResponse({"message": "That is not a decision."}, 400)
        if self._proxy is not None:
            asked["by"] = self._proxy.person(request)
        return await run_in_threadpool(write, asked)

    def _decided(self, asked: dict[str, Any]) -> Response:
        wish = deciding.wish(asked)
        if wish is None:
            return JSONResponse({"message": "That is not a decision."}, 400)
        try:
            accounts = deciding.decide(self._home, self._nights, self._current, wish)
        except Stop as stop:
            return JSONResponse({"message": str(stop), "state": self._follow.since(wish.run, wish.version)}, 409)
        seen = [{"key": key, "seen": token(one)} for (key, _), one in zip(wish.items, accounts, strict=True)]
        words = deciding.done_words(wish, accounts)
        return JSONResponse({"message": words, "items": seen, "state": self._follow.since(wish.run, wish.version)})

    def _released(self, asked: dict[str, Any]) -> Response:
        run, by, seen = (asked.get(name) for name in ("run", "by", "seen"))
        if not (isinstance(run, str) and isinstance(by, str) and isinstance(seen, str) and by.strip()):
            return JSONResponse({"message": "Say who releases."}, 400)
        try:
            return JSONResponse({"message": deciding.release_seen(self._home, self._nights, run, by.strip(), seen)})
        except Stop as stop:
            return JSONResponse({"message": str(stop), "state": None}, 409)

    def _who(self, request: Request) -> str:
        """Who decides: as the proxy says, else the name that this browser remembers."""
        if self._proxy is not None:
            return self._proxy.person(request) or ""
        return unquote(request.cookies.get("partner_certs_by", ""))


def site(home: Home, token: str) -> Starlette:
    """The desk on loopback, for the one browser that brings the token."""
    return _app(Site(home), Guard(token, pages.POLICY, "partner-certs desk").open, token)


def team_site(home: Home, user_header: str, origin: str) -> Starlette:
    """The desk of a team, behind a proxy that says in a header who comes."""
    proxy = Proxy(user_header, origin, pages.POLICY)
    return _app(Site(home, proxy), proxy.open, None)


# ---------------------------------------------------------------------------------------------------------------------


def _app(pages_of: Site, enter: DispatchFunction, token: str | None) -> Starlette:
    door = Middleware(BaseHTTPMiddleware, dispatch=enter)
    app = Starlette(
        routes=pages_of.routes, middleware=[door], exception_handlers={Stop: _stopped, Exception: _unforeseen}
    )
    app.state.token = token
    return app


async def _stopped(request: Request, stop: Exception) -> Response:
    if request.headers.get("sec-fetch-dest") == "empty":  # the page asks, and says it itself
        return message(409, str(stop))
    return pages.page("refused", 409, title="That can't be shown", text=str(stop))


async def _unforeseen(request: Request, error: Exception) -> Response:
    return message(500, f"Something unforeseen happened ({type(error).__name__}). Nothing was changed by this request.")
