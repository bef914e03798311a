"""The desk as an app: the rooms that it has, and the door in front of them."""

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
from desk.asking import Asking
from desk.current import CurrentRun
from desk.door import Guard, message
from desk.draft_routes import DraftRoutes
from desk.drafting import Mail
from desk.morning_routes import MorningRoutes
from desk.night import EveryNight, Nights
from desk.partner_routes import PartnerRoutes
from desk.pulls import Pulls
from desk.team import Proxy
from exports.home.layout import Home
from exports.page.overview import body as overview_body
from flows.overview import overview as all_ready
from schemas.errors import Stop, os_error_message
from schemas.health import Check


@dataclass(frozen=True)
class Services:
    """What the desk has done by others: pulling an account, which gives its run, checking what works, and mail."""

    pull: Callable[[str], str]
    examine: Callable[[], Sequence[Check]]
    mail: Mail = field(default_factory=Mail)


def site(home: Home, services: Services, token: str) -> Starlette:
    """The desk on loopback, for the one browser that brings the token."""
    return _app(home, services, None, Guard(token, pages.POLICY, "partner-certs desk").open, token)


def team_site(home: Home, services: Services, user_header: str, origin: str) -> Starlette:
    """The desk of a team, behind a proxy that names the person in a header."""
    proxy = Proxy(user_header, origin, pages.POLICY)
    return _app(home, services, proxy, proxy.open, "")


# ---------------------------------------------------------------------------------------------------------------------


def _app(home: Home, services: Services, proxy: Proxy | None, enter: DispatchFunction, token: str) -> Starlette:
    current, asking = CurrentRun(home), Asking(proxy)
    nights = Nights(current)

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

    partners = PartnerRoutes(home, current, nights, asking, Pulls(services.pull), services.mail)
    routes = [
        *MorningRoutes(home, EveryNight(home, nights), asking).routes,
        *partners.routes,
        *DraftRoutes(home, asking, services.mail).routes,
        Route("/runs", runs),
        Route("/overview", overview),
        Route("/health", health),
        Route("/static/{name}", asset),
        Route("/favicon.ico", icon),
    ]
    # OSError by name: what is handled as any Exception is answered outside of the door, which then keeps the token
    handlers = {404: _unknown, Stop: _stopped, OSError: _unforeseen, Exception: _unforeseen}
    app = Starlette(
        routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=enter)], exception_handlers=handlers
    )
    app.state.token, app.state.read_ahead = token, partners.read_ahead
    return app


async def _unknown(request: Request, error: Exception) -> Response:
    return pages.page(
        "refused", 404, title="Nothing here", text="There is no such page. Begin with Morning or Partners"
    )


async def _stopped(request: Request, stop: Exception) -> Response:
    if request.headers.get("sec-fetch-dest") == "empty":  # the page's script asks, and shows it itself
        return message(409, str(stop))
    return pages.page("refused", 409, title="That can't be shown", text=str(stop))


async def _unforeseen(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and (words := os_error_message(error)):
        return message(500, words)
    return message(500, f"Something unforeseen happened ({type(error).__name__}). Nothing was changed by this request.")
