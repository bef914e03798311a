"""What the pretend Impartner answers: the objects API as far as it is public, and the faults that are switched on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sources.sandbox.faults import Faults
from sources.sandbox.grammar import BadFilterError, parse
from sources.sandbox.people import FIELDS, Row, Tenant, other_tenant

API = "/api/objects/v1"
_DEFAULT_TAKE = 10


@dataclass
class Site:
    """One pretend Impartner: its data, its rules, and what it was asked (path and query of each request)."""

    tenant: Tenant
    faults: Faults
    key: str
    tenant_id: str | None = None  # with one, requests that name another get another company's users
    maximum: int = 250
    latency: float = 0.0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    busiest: int = 0  # the most requests that were answered at one time
    _busy: int = 0

    def of(self, request: Request) -> Tenant:
        """The tenant that this request gets to see."""
        named = request.headers.get("x-prm-tenantid")
        wrong = self.tenant_id is not None and named not in (None, self.tenant_id)
        return other_tenant() if wrong or self.faults.strikes("wrong-tenant") else self.tenant

    def enter(self) -> None:
        """One more request is being answered."""
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)

    def leave(self) -> None:
        """One less."""
        self._busy -= 1


def make_app(site: Site) -> Starlette:
    """The ASGI application."""
    answers: dict[str, Callable[[Site, Request, dict[str, Any]], Response]] = {
        "/User": _search_users,
        "/Account": _search_accounts,
        "/User/_describe": _describe,
    }
    methods = {"/User": ["GET", "POST"], "/Account": ["GET", "POST"]}
    routes = [
        Route(API + path, _endpoint(site, answer), methods=methods.get(path, ["GET"]))
        for path, answer in answers.items()
    ]
    return Starlette(routes=routes)


# ---------------------------------------------------------------------------------------------------------------------

_Answer = Callable[[Site, Request, dict[str, Any]], Response]


def _endpoint(site: Site, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        site.enter()
        try:
            await asyncio.sleep(site.latency + (2.0 if site.faults.strikes("slow") else 0.0))
            site.asked.append((request.url.path, dict(request.query_params)))
            refusal = _refuse(site, request)
            if refusal is not None:
                return refusal
            try:
                return _damage(site, answer(site, request, await _asked_for(request)))
            except (BadFilterError, ValueError, KeyError) as problem:
                return _error(400, "InvalidRequest", f"The request is not understood: {type(problem).__name__}")
        finally:
            site.leave()

    return endpoint


async def _asked_for(request: Request) -> dict[str, Any]:
    """Query or search body in one shape: fields, filter, orderby, skip, take; keys in lower case."""
    asked: dict[str, Any] = {key.casefold(): value for key, value in request.query_params.items()}
    if request.method == "POST":
        body = json.loads(await request.body() or b"{}")
        asked |= {key.casefold(): value for key, value in body.items()}
        orders = asked.get("orderby")
        if isinstance(orders, list):
            asked["orderby"] = ",".join(f"{order['field']} {order.get('direction', '')}" for order in orders)
    fields = asked.get("fields") or []
    asked["fields"] = [name.strip() for name in fields.split(",")] if isinstance(fields, str) else fields
    return asked


def _refuse(site: Site, request: Request) -> Response | None:
    strikes = site.faults.strikes
    if request.headers.get("authorization") != f"prm-key {site.key}" or strikes("401"):
        return _error(401, "Unauthorized", "Invalid key")
    if strikes("403"):
        return _error(403, "Forbidden", "User needs Admin/Member permission")
    if strikes("404"):
        return _error(404, "NotFound", "Not found")
    if strikes("429"):
        return _error(429, "TooManyRequests", "Slow down")
    if strikes("429-retry-after"):
        return _error(429, "TooManyRequests", "Slow down", {"Retry-After": "1"})
    if strikes("500"):
        return _error(500, "Unexpected", "Something went wrong")
    if strikes("503"):
        return HTMLResponse("<html><body>Service unavailable</body></html>", 503)
    if strikes("html"):
        return HTMLResponse("<!DOCTYPE html><html><body>Log in</body></html>")
    if strikes("redirect"):
        return RedirectResponse("/login", 302)
    if strikes("xml"):
        return Response("<Response><Success>true</Success></Response>", media_type="application/xml")
    if strikes("success-false"):
        return _error(200, "E1234", "Something went wrong")
    if strikes("success-false-request"):
        return _error(200, "InvalidField", "Unknown field", fields=["Nope"])
    return None


def _damage(site: Site, response: Response) -> Response:
    body = bytes(response.body)
    if site.faults.strikes("truncated"):
        return Response(body[: len(body) // 2], media_type="application/json")
    if site.faults.strikes("drop"):
        return _Dropped(body)
    return response


class _Dropped(Response):
    """Announces a whole body, sends half of it, and breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})


def _ok(data: Any) -> Response:
    return JSONResponse({"success": True, "data": data})


def _error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None, *, fields: list[str] | None = None
) -> Response:
    errors = [{"fields": fields or [], "code": code, "message": message}]
    return JSONResponse({"success": False, "errors": errors, "message": message}, status, headers)


def _describe(site: Site, _request: Request, _asked: dict[str, Any]) -> Response:
    labels = {name: label for name, label, _ in FIELDS}
    if site.faults.strikes("missing-label"):
        labels["SA_Verified__cf"] = "S.A. Verified!"
        labels["Sales_Badged__cf"] = "Badge of Sales"
    if site.faults.strikes("twin-label"):
        labels["SA_Verified_On__cf"] = "SA Verified"
    entries = [
        {
            "name": name, "display": labels[name], "fieldType": kind, "isExportable": True, "isNullable": name != "Id",
            "picklistType": {"Picklist": "Single", "PicklistMultiple": "Multiple"}.get(kind, "None"), "values": [],
        }
        for name, _, kind in FIELDS
    ]  # fmt: skip
    return _ok(entries)


def _search_users(site: Site, request: Request, asked: dict[str, Any]) -> Response:
    tenant = site.of(request)
    users = _matching(tenant.users, asked, "AccountName")
    page = _page_of(site, users, asked)
    results = [_shape(user, asked["fields"]) for user in page]
    results = _spoil(site, tenant, results, asked)
    count = len(users) + (len(site.asked) if site.faults.strikes("drift-count") else 0)
    _live_on(site, tenant)
    return _ok({"count": count, "entity": "User", "results": results})


def _search_accounts(site: Site, request: Request, asked: dict[str, Any]) -> Response:
    if site.faults.strikes("no-accounts"):
        return _error(403, "Forbidden", "User needs Admin/Member permission")
    rows = [{"Id": account_id, "Name": name} for account_id, name in sorted(site.of(request).accounts.items())]
    found = _matching(rows, asked, "Name")
    results = [_shape(row, asked["fields"]) for row in _page_of(site, found, asked)]
    return _ok({"count": len(found), "entity": "Account", "results": results})


FIELD_NAMES = {name.casefold(): name for name, *_ in FIELDS} | {"accountid": "Account"}


def _known_field(name: str, known: dict[str, str]) -> str:
    return known[name.casefold()]


def _matching(rows: list[Row], asked: dict[str, Any], account_name: str) -> list[Row]:
    if asked.get("filter"):
        known = {key.casefold(): key for key in rows[0]} if rows else {}
        known |= {"accountid": "Account", "account.id": "Account", "account.name": account_name}
        test = parse(asked["filter"], lambda row, name: row[known[name.casefold()]])
        rows = [row for row in rows if test(row)]
    order, _, direction = str(asked.get("orderby") or "Id").partition(" ")
    if order.casefold() == "id":
        return rows[::-1] if direction.strip().casefold().startswith("desc") else rows
    key = FIELD_NAMES[order.casefold()]
    return sorted(rows, key=lambda row: str(row[key] or ""), reverse=direction.strip().casefold().startswith("desc"))


def _page_of(site: Site, rows: list[Row], asked: dict[str, Any]) -> list[Row]:
    skip, take = int(asked.get("skip", 0)), min(int(asked.get("take", _DEFAULT_TAKE)), site.maximum)
    if skip < 0 or take < 0:
        raise ValueError("skip and take")
    if site.faults.strikes("short"):
        take = max(2, take // 2)
    return rows[skip : skip + take]


def _shape(row: Row, fields: list[str]) -> Row:
    """An object as the API gives it: only what was asked for, under camelCase keys."""
    shaped: Row = {"id": row["Id"]}
    for name in fields:
        if name.casefold() == "account.name":
            shaped["account"] = {"name": row["AccountName"]}
        elif name.casefold() == "account":
            shaped["accountId"] = row["Account"]
        else:
            key = "Name" if "AccountName" not in row and name.casefold() == "name" else _known_field(name, FIELD_NAMES)
            shaped[_camel(key)] = row[key]
    return shaped


def _camel(name: str) -> str:
    """As .NET does it: `SA_Verified__cf` becomes `sA_Verified__cf`, `PSE_...` becomes `psE_...`, `Id` becomes `id`."""
    capitals = 0
    while capitals < len(name) and name[capitals].isupper():
        capitals += 1
    return name[: max(1, capitals - 1)].lower() + name[max(1, capitals - 1) :]


def _spoil(site: Site, tenant: Tenant, results: list[Row], asked: dict[str, Any]) -> list[Row]:
    strikes = site.faults.strikes
    if not results:
        return results
    if strikes("repeat"):
        results = [*results[:-1], results[-1], results[-1]]
    if "name" in results[0] and strikes("nul"):
        results[0]["name"] += "\0"
    if len(results[0]) > 5 and strikes("leave-out"):
        del results[-1]["sA_Verified__cf"]
    if asked.get("filter") and strikes("stray"):
        results[-1] = _shape(tenant.users[-1] | {"Id": results[-1]["id"], "Account": 1}, asked["fields"])
    return results


def _live_on(site: Site, tenant: Tenant) -> None:
    """People go and come while a pull is under way."""
    if site.faults.strikes("churn"):
        tenant.users.pop(0)
        tenant.users.append(tenant.users[-1] | {"Id": tenant.next_id(), "Name": "New Somebody"})
    if site.faults.strikes("join"):
        tenant.users.append(tenant.users[-1] | {"Id": tenant.next_id(), "Name": "New Somebody"})
