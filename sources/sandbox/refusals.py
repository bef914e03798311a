"""Refusals by the pretend Impartner, or by a proxy or firewall in front of it."""

import re
import time
from email.utils import formatdate
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sources.sandbox.site import Site

LONGEST_PAGE = 100  # with the fault page-size
FURTHEST = 50  # with the fault offsets
GOOD_FOR = 3  # requests, with the fault key-expires


def refuse(site: Site, request: Request, query: dict[str, Any]) -> Response | None:
    """The refusal of this request; None if it will be answered."""
    return (
        _of_network(site)
        or _of_key(site, request)
        or _too_many(site)
        or _server_error(site)
        or _of_accounts(site, request)
        or _of_query(site, query)
    )


def error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None, *, fields: list[str] | None = None
) -> Response:
    """An error as the API returns it."""
    errors = [{"fields": fields or [], "code": code, "message": message}]
    return JSONResponse({"success": False, "errors": errors, "message": message}, status, headers)


# ---------------------------------------------------------------------------------------------------------------------


def _of_network(site: Site) -> Response | None:
    strikes = site.faults.strikes
    if strikes("407"):
        return HTMLResponse("<html><body>Log in to the proxy</body></html>", 407)
    if strikes("firewall"):
        return HTMLResponse("<html><body>Access denied. Incident 4711</body></html>", 403)
    if strikes("html"):
        return HTMLResponse("<!DOCTYPE html><html><body>Log in</body></html>")
    if strikes("redirect"):
        return RedirectResponse("/login", 302)
    return None


def _of_key(site: Site, request: Request) -> Response | None:
    strikes = site.faults.strikes
    if request.headers.get("authorization") != f"prm-key {site.key}" or strikes("401"):
        return _unauthorized()
    site.let_in += 1
    if site.let_in > GOOD_FOR and strikes("key-expires"):
        return _unauthorized()
    if strikes("403"):
        return _forbidden()
    if strikes("404"):
        return error(404, "NotFound", "Not found")
    return None


def _too_many(site: Site) -> Response | None:
    for fault, headers in (
        ("429", {}),
        ("429-retry-after", {"Retry-After": "1"}),
        ("429-retry-decimal", {"Retry-After": "0.25"}),
        ("429-reset", {"X-RateLimit-Reset": "1"}),
        ("429-reset-time", {"RateLimit-Reset": f"{time.time() + 1:.0f}"}),
    ):
        if site.faults.strikes(fault):
            return error(429, "TooManyRequests", "Slow down", headers)
    if site.faults.strikes("one-a-second") and site.too_soon():
        return error(429, "TooManyRequests", "Slow down")
    return None


def _server_error(site: Site) -> Response | None:
    strikes = site.faults.strikes
    if strikes("500"):
        return error(500, "Unexpected", "Something went wrong")
    if strikes("503"):
        return HTMLResponse("<html><body>Service unavailable</body></html>", 503)
    if strikes("503-retry-date"):
        headers = {"Retry-After": formatdate(time.time() + 1, usegmt=True)}
        return HTMLResponse("<html><body>Service unavailable</body></html>", 503, headers)
    if strikes("xml"):
        return Response("<Response><Success>true</Success></Response>", media_type="application/xml")
    if strikes("success-false"):
        return error(200, "E1234", "Something went wrong")
    if strikes("success-false-request"):
        return error(200, "InvalidField", "Unknown field", fields=["Nope"])
    return None


def _of_accounts(site: Site, request: Request) -> Response | None:
    if "/Account" not in request.url.path:
        return None
    strikes = site.faults.strikes
    if strikes("no-accounts"):
        return _forbidden()
    if strikes("no-accounts-401"):
        return _unauthorized()
    if strikes("no-accounts-404"):
        return error(404, "NotFound", "Not found")
    if strikes("no-accounts-false"):
        return error(200, "E1234", "Something went wrong")
    return None


def _of_query(site: Site, query: dict[str, Any]) -> Response | None:
    strikes = site.faults.strikes
    if int(query.get("take", 0)) > LONGEST_PAGE and strikes("page-size"):
        return error(400, "InvalidRequest", "The page is too long")
    if int(query.get("skip", 0)) > FURTHEST and strikes("offsets"):
        return error(400, "InvalidRequest", "The offset is too large")
    if re.search(r"name\s*=", query.get("filter", ""), re.IGNORECASE) and strikes("name-filter"):
        return error(400, "InvalidFilter", "Names can't be filtered for")
    return None


def _unauthorized() -> Response:
    return error(401, "Unauthorized", "Invalid key")


def _forbidden() -> Response:
    return error(403, "Forbidden", "User needs Admin/Member permission")
