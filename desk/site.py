"""The desk: which address leads to which page. What a page shows is worked out in the room that it belongs to."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, DispatchFunction
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk import pages
from desk.current import CurrentRun
from desk.directory import LIMIT
from desk.door import Guard, message
from desk.partners import Partners
from desk.team import Proxy
from exports.home.layout import Home
from schemas.errors import Stop
from schemas.names import near


class Site:
    """The pages of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._partners = Partners(home, CurrentRun(home))

    @property
    def routes(self) -> list[Route]:
        """Addresses and what answers at them."""
        return [
            Route("/", lambda _: RedirectResponse("/partners")),
            Route("/partners", self.partners),
            Route("/runs", self.runs),
            Route("/static/{name}", lambda request: pages.asset(request.path_params["name"])),
        ]

    def partners(self, request: Request) -> Response:
        """Search, and what was found."""
        query = request.query_params.get("q", "")
        directory = self._partners.directory()
        hits = directory.search(query)
        nearest = "" if hits else near(query, [entry.account for entry in directory.entries])
        return pages.page(
            "partners", query=query, hits=hits, limit=LIMIT, count=len(directory.entries), nearest=nearest
        )

    def runs(self, request: Request) -> Response:
        """The runs, newest first."""
        return pages.page("runs", runs=self._home.manifests())


def site(home: Home, token: str) -> Starlette:
    """The desk on loopback, for the one browser that brings the token."""
    return _app(home, Guard(token, pages.POLICY, "partner-certs desk").open, token)


def team_site(home: Home, user_header: str, origin: str) -> Starlette:
    """The desk of a team, behind a proxy that says in a header who comes."""
    return _app(home, Proxy(user_header, origin, pages.POLICY).open, None)


# ---------------------------------------------------------------------------------------------------------------------


def _app(home: Home, enter: DispatchFunction, token: str | None) -> Starlette:
    door = Middleware(BaseHTTPMiddleware, dispatch=enter)
    app = Starlette(
        routes=Site(home).routes, middleware=[door], exception_handlers={Stop: _stopped, Exception: _unforeseen}
    )
    app.state.token = token
    return app


async def _stopped(request: Request, stop: Exception) -> Response:
    return pages.page("refused", 409, title="That can't be shown", text=str(stop))


async def _unforeseen(request: Request, error: Exception) -> Response:
    return message(500, f"Something unforeseen happened ({type(error).__name__}). Nothing was changed by this request.")
