"""The Starlette app of the desk: its routes, its error pages, and the access check in front of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, DispatchFunction
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk import pages
from desk.current import CurrentRun
from desk.door import Guard, message
from desk.download_routes import DownloadRoutes
from desk.draft_routes import DraftRoutes
from desk.drafting import Mail
from desk.live_review import LiveReview, LiveReviews
from desk.morning_routes import MorningRoutes
from desk.partner_finder import PartnerFinder
from desk.partner_routes import PartnerRoutes
from desk.pulls import Pulls
from desk.requests import RequestReader
from desk.team import Proxy
from exports.home.layout import Home
from exports.page.overview import body as overview_body
from flows.overview import overview as all_ready
from schemas.errors import Stop, os_error_message
from schemas.health import Check


@dataclass(frozen=True)
class Services:
    """What the desk calls elsewhere: `pull` an account (returns its run), `examine` the installation, and mail."""

    pull: Callable[[str], str]
    examine: Callable[[], Sequence[Check]]
    mail: Mail = field(default_factory=Mail)


def site(home: Home, services: Services, token: str) -> Starlette:
    """The desk on loopback, for the browser that brings the token."""
    return _app(home, services, None, Guard(token, pages.POLICY, "partner-certs desk").open, token)


def team_site(home: Home, services: Services, user_header: str, origin: str) -> Starlette:
    """The desk of a team, behind a proxy that names the user in a header."""
    proxy = Proxy(user_header, origin, pages.POLICY)
    return _app(home, services, proxy, proxy.open, "")


# ---------------------------------------------------------------------------------------------------------------------


def _app(home: Home, services: Services, proxy: Proxy | None, enter: DispatchFunction, token: str) -> Starlette:
    current, requests = CurrentRun(home), RequestReader(proxy)
    live, finder = LiveReview(current), PartnerFinder(home, current)
    partners = PartnerRoutes(home, finder, live, requests, Pulls(services.pull), services.mail)
    routes = [
        *MorningRoutes(home, LiveReviews(home, live), requests).routes,
        *partners.routes,
        *DownloadRoutes(home, finder).routes,
        *DraftRoutes(home, requests, services.mail).routes,
        *_other_routes(home, services),
    ]
    # OSError too: a handler of Exception runs outside the middleware, which then would not set its cookie
    handlers = {404: _unknown, Stop: _stopped, OSError: _unforeseen, Exception: _unforeseen}
    app = Starlette(
        routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=enter)], exception_handlers=handlers
    )
    app.state.token, app.state.read_ahead = token, partners.read_ahead
    return app


def _other_routes(home: Home, services: Services) -> list[Route]:
    """Runs, overview and health, and the files that pages need."""

    def runs(request: Request) -> Response:
        return pages.page("runs", runs=home.manifests())

    def overview(request: Request) -> Response:
        body = Markup(overview_body(all_ready(home)))  # noqa: S704  exports/page/overview.py escapes
        return pages.page("overview", body=body)

    def health(request: Request) -> Response:
        return pages.page("health", checks=services.examine())

    def asset(request: Request) -> Response:
        return pages.asset(request.path_params["name"])

    def icon(request: Request) -> Response:
        return pages.asset("favicon.svg")

    return [
        Route("/runs", runs),
        Route("/overview", overview),
        Route("/health", health),
        Route("/static/{name}", asset),
        Route("/favicon.ico", icon),
    ]


async def _unknown(request: Request, error: Exception) -> Response:
    return pages.page(
        "refused", 404, title="No such page", text="There is no page at this address. Go to Morning or Partners"
    )


async def _stopped(request: Request, stop: Exception) -> Response:
    if request.headers.get("sec-fetch-dest") == "empty":  # a request of the page's script, which shows the message
        return message(409, str(stop))
    return pages.page("refused", 409, title="This page can't be shown", text=str(stop))


async def _unforeseen(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and (words := os_error_message(error)):
        return message(500, words)
    return message(500, f"Something unforeseen happened ({type(error).__name__}). Nothing was changed by this request.")
