"""The desk behind `review --serve`: the review page on loopback, where decisions are made with a click or a key.

Only the browser that brought the one-time token gets in, by a cookie; requests for another host, and decisions from
another origin, are refused (`door.py`). Decisions are written by `flows/review/decide.py`; the desk compares what the
reviewer saw with what is true now, so that two reviewers at the same time never overwrite one another unseen.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Literal, cast, get_args

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from desk.door import Guard, message
from desk.live import LiveReview
from exports.home.layout import FAULTS, Home, reports_folder
from exports.page.render import Serving, content_policy, key, render
from flows.review.decide import decide_seen
from schemas.errors import Stop
from schemas.review import AccountReview, Review
from schemas.words import signature

What = Literal["approve", "hold", "reject", "undo"]
LARGEST_DECISION = 64 * 1024  # bytes
NO_FAULTS = "This run has no faults."
ICON = Path(__file__).parent / "static" / "favicon.svg"


def desk(home: Home, run: str, *, token: str, by: str = "") -> Starlette:
    """The app, open at one run; the pages of other runs are at `/runs/<run>/`. `by` is a suggested name.

    A Stop is shown to the reviewer in its own words.
    """
    rooms = Routes(home, run, by)
    of_a_run = [
        Route("/", rooms.page),
        Route("/decisions", rooms.decisions),
        Route("/decisions", rooms.decision, methods=["POST"]),
        Route("/reports/{file}", rooms.report),
        Route("/faults.csv", rooms.faults),
        Route("/favicon.ico", rooms.icon),
    ]
    routes = [Mount("/runs/{run}", routes=of_a_run), *of_a_run]
    policy = content_policy(serving=True) + "; frame-ancestors 'none'"
    door = Middleware(BaseHTTPMiddleware, dispatch=Guard(token, policy, "partner-certs review --serve").open)
    app = Starlette(routes=routes, middleware=[door], exception_handlers={Stop: _stopped, Exception: _unforeseen})
    app.state.token = token
    return app


class Routes:
    """What there is behind the door. Reviews are read and decided about by one request at a time."""

    def __init__(self, home: Home, run: str, by: str) -> None:
        self._home = home
        self._run = run
        self._live: dict[str, LiveReview] = {}
        self._serving = Serving(by=by)
        self._one_at_a_time = Lock()

    def page(self, request: Request) -> Response:
        """The page as it is now."""
        return HTMLResponse(render(self._now(request), serving=self._serving))

    def decisions(self, request: Request) -> Response:
        """All decisions as they are now; nothing if they are those that the page has seen."""
        try:
            state = _state(self._now(request))
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)
        if request.query_params.get("seen") == state["version"]:
            return Response(status_code=204)
        return JSONResponse(state)

    async def decision(self, request: Request) -> Response:
        """One decision, written at once unless the reviewer saw something else than what is true now."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_DECISION:
                return JSONResponse({"message": "That is too long for a decision."}, 413)
        wish = _parsed(body) if request.headers.get("content-type") == "application/json" else None
        if wish is None:
            return JSONResponse({"message": "That is not a decision."}, 400)
        status, answer = await run_in_threadpool(self._decided, request, wish)
        return JSONResponse(answer, status)

    def report(self, request: Request) -> Response:
        """A CSV of the run, to be downloaded."""
        name = request.path_params["file"]
        review = self._now(request)
        if name not in {account["file"] for account in review["accounts"]}:
            return message(404, "There is no such report in this run.")
        path = reports_folder(self._home, review["run"]) / name
        if not path.is_file():
            return message(404, "The report is gone from the run folder.")
        return FileResponse(path, media_type="text/csv", filename=name)

    def faults(self, request: Request) -> Response:
        """The faults of the run as a CSV."""
        path = self._home.runs / self._now(request)["run"] / FAULTS
        return FileResponse(path, media_type="text/csv", filename=FAULTS) if path.is_file() else message(404, NO_FAULTS)

    def icon(self, _: Request) -> Response:
        """The picture of the page in a list of tabs: the desk's."""
        return FileResponse(ICON)

    def _now(self, request: Request) -> Review:
        with self._one_at_a_time:
            return self._live_of(request).now()

    def _live_of(self, request: Request) -> LiveReview:
        run = request.path_params.get("run", self._run)
        if run not in self._live:
            self._live[run] = LiveReview(self._home, run)
        return self._live[run]

    def _decided(self, request: Request, wish: dict[str, str]) -> tuple[int, dict[str, object]]:
        """The status and the answer to a decision. Looking and writing happen without another decision between."""
        with self._one_at_a_time:
            try:
                live = self._live_of(request)
                review = live.now()
                account = _account(review, wish["key"])
                refusal = _refusal(review, account, wish)
                if refusal is None and account is not None:
                    _decide(self._home, review["run"], account, wish)
                    return 200, {"state": _state(live.now())}
                return 409, {"message": refusal, "state": _state(review)}
            except Stop as stop:
                return 409, {"message": str(stop)}


def _account(review: Review, wanted: str) -> AccountReview | None:
    return next((account for account in review["accounts"] if key(account) == wanted), None)


def _refusal(review: Review, account: AccountReview | None, wish: dict[str, str]) -> str | None:
    if review["newer"]:
        return "Nothing was decided: a newer run has finished, and this page is the record of its day."
    if account is None:
        return "This account has changed since the page was opened. Reload the page, look again, then decide."
    if account["decision"] != wish["seen"]:
        return "Somebody else has decided meanwhile; their decision is shown now. Decide again if it should be another."
    if not wish["by"].strip():
        return "Say who decides."
    if not wish["reason"].strip() and (why := account["needs_reason"].get(wish["what"])):
        return f"{why.rstrip('.')}. Give a reason."
    return None


def _decide(home: Home, run: str, account: AccountReview, wish: dict[str, str]) -> None:
    decide_seen(
        home,
        run,
        cast("What", wish["what"]),
        account=account["account"],
        account_id=account["account_id"],
        sha256=account["sha256"],
        by=wish["by"],
        reason=wish["reason"],
        now=datetime.now(UTC),
    )


def _parsed(body: bytes) -> dict[str, str] | None:
    """The decision that a page sends: five texts; None if it is anything else."""
    try:
        wish = json.loads(body)
    except (ValueError, RecursionError):
        return None
    expected = ("key", "seen", "what", "by", "reason")
    if not isinstance(wish, dict) or any(not isinstance(wish.get(name), str) for name in expected):
        return None
    return wish if wish["what"] in get_args(What) else None


def _state(review: Review) -> dict[str, object]:
    """What pages need to keep up: the decision of each account that needs one, and who made it when and why; a newer
    run if there is one; and a version that is another after any change."""
    decisions = {
        key(account): account["decision"] for account in review["accounts"] if account["decision"] != "not needed"
    }
    who = {
        key(account): signature(account["by"], account["at"], account["reason"])
        for account in review["accounts"]
        if account["by"]
    }
    state = {"newer": review["newer"], "to_decide": review["totals"]["to_decide"], "decisions": decisions, "who": who}
    return {**state, "version": hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]}


async def _stopped(request: Request, stop: Exception) -> Response:
    return message(409, str(stop))


async def _unforeseen(request: Request, error: Exception) -> Response:
    return message(500, f"Something unforeseen happened ({type(error).__name__}). Nothing was decided by this request.")
