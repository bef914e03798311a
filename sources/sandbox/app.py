"""The pretend Impartner as an ASGI application: a request is parsed, refused or answered, and answers are damaged."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sources.sandbox.damage import damage
from sources.sandbox.grammar import BadFilterError
from sources.sandbox.objects import describe_accounts, describe_users, search_accounts, search_users
from sources.sandbox.refusals import error, refuse
from sources.sandbox.site import Site

API = "/api/objects/v1"

Query = dict[str, Any]
Answer = Callable[[Site, Request, Query], Any]  # returns what goes under `data`


def make_app(site: Site) -> Starlette:
    """The ASGI application."""
    answers: dict[str, Answer] = {
        "/User": search_users,
        "/Account": search_accounts,
        "/User/_describe": lambda site, *_: describe_users(site),
        "/Account/_describe": lambda site, *_: describe_accounts(site),
    }
    methods = {"/User": ["GET", "POST"], "/Account": ["GET", "POST"]}
    return Starlette(
        routes=[
            Route(API + path, _endpoint(site, answer), methods=methods.get(path, ["GET"]))
            for path, answer in answers.items()
        ]
    )


# ---------------------------------------------------------------------------------------------------------------------


def _endpoint(site: Site, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        with site.answering():
            now = asyncio.get_running_loop().time
            due = now() + site.latency + (2.0 if site.faults.strikes("slow") else 0.0)
            response = await _respond(site, request, answer)
            await asyncio.sleep(due - now())  # the latency includes the time to make the response
            return response

    return endpoint


async def _respond(site: Site, request: Request, answer: Answer) -> Response:
    site.asked.append((request.url.path, dict(request.query_params)))
    try:
        query = await _query_of(request)
        return refuse(site, request, query) or damage(site, answer(site, request, query))
    except (BadFilterError, ValueError, KeyError) as problem:
        return error(400, "InvalidRequest", f"The request is not understood: {type(problem).__name__}")


async def _query_of(request: Request) -> Query:
    """The query string or search body in one shape: fields, filter, orderby, skip, take; keys in lower case."""
    query: Query = {key.casefold(): value for key, value in request.query_params.items()}
    if request.method == "POST":
        body = json.loads(await request.body() or b"{}")
        query |= {key.casefold(): value for key, value in body.items()}
        orders = query.get("orderby")
        if isinstance(orders, list):
            query["orderby"] = ",".join(f"{order['field']} {order.get('direction', '')}" for order in orders)
    fields = query.get("fields") or []
    query["fields"] = [name.strip() for name in fields.split(",")] if isinstance(fields, str) else fields
    return query
