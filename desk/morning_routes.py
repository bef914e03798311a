"""The routes of Morning, and of the page of any other run: its accounts, decisions, groups, the release.

Morning, at `/`, shows the newest nightly run; any other run is at `/runs/<run>`. Both have the same routes below them.
"""

from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from desk import deciding, pages
from desk.account import account_data, token
from desk.door import message
from desk.live_review import LiveReview, LiveReviews, ReviewedRun
from desk.morning import morning
from desk.requests import BadRequest, RequestReader
from desk.updates import updates_since
from exports.home.layout import FAULTS, Home
from exports.home.status import RunStatus
from schemas.errors import NotAllowed, Stop

_LONGEST_VERSION = 18  # digits; a number of thousands of them is refused by Python


class MorningRoutes:
    """Morning and the pages of the runs of one home."""

    def __init__(self, home: Home, live: LiveReviews, requests: RequestReader) -> None:
        self._home, self._reviews, self._requests = home, live, requests

    @property
    def routes(self) -> list[Route | Mount]:
        """The routes and their handlers."""
        of_a_run = [
            Route("/accounts/{key}", self.account),
            Route("/groups/{group}", self.group),
            Route("/decisions", self.decisions),
            Route("/decisions", self.decide, methods=["POST"]),
            Route("/release", self.to_release),
            Route("/release", self.release, methods=["POST"]),
            Route("/faults.csv", self.faults),
        ]
        run = Route("/runs/{run}", self.page)
        return [Route("/", self.page), *of_a_run, run, Mount("/runs/{run}", routes=of_a_run)]

    def page(self, request: Request) -> Response:
        """The page of a run: its queue, and the account that is being decided."""
        run = request.path_params.get("run", "")
        snapshot, reviewed = self._live(request).now()
        if run and reviewed is None:
            return pages.page("refused", 404, title="No such run", text="All runs are listed under Runs")
        shows = None
        if reviewed and snapshot.status:
            shows = morning(snapshot, reviewed, snapshot.status, request.query_params.get("account"))
        who = self._requests.who(request)
        return pages.page(
            "morning",
            morning=shows,
            base=f"/runs/{run}" if run else "",
            by=who,
            team=self._requests.is_team,
            reasons=self._reviews.of("").reasons(who),
        )

    def account(self, request: Request) -> Response:
        """One account as a fragment of the page."""
        reviewed, status = self._shown(request)
        key = request.path_params["key"]
        if key not in reviewed.accounts:
            raise NotAllowed("This account has changed since the page was opened. Load the page again")
        return pages.page("account", morning={"current": account_data(reviewed, status, key), "newer": status.newer})

    def group(self, request: Request) -> Response:
        """Every account of a group with its changes, before they are approved together."""
        reviewed, status = self._shown(request)
        members = deciding.members(reviewed, status, request.path_params["group"])
        items = [{"key": key, "seen": token(one)} for key, _, one in members]
        shown = [account_data(reviewed, status, key) for key, _, _ in members]
        return pages.page("members", items=items, members=shown)

    def decisions(self, request: Request) -> Response:
        """The decisions since a page was loaded; 204 if there are none."""
        seen = request.query_params.get("seen", "")
        version = int(seen) if seen.isdecimal() and len(seen) <= _LONGEST_VERSION else 0
        state = updates_since(self._live(request), request.query_params.get("run", ""), version)
        return JSONResponse(state) if state else Response(status_code=204)

    async def decide(self, request: Request) -> Response:
        """Decide about the accounts that the page shows: all of them, or none."""
        try:
            return await run_in_threadpool(self._decided, self._live(request), await self._requests.body(request))
        except BadRequest as error:
            return error.response

    def to_release(self, request: Request) -> Response:
        """The list of what would be released, losses first."""
        reviewed, status = self._shown(request)
        chosen = deciding.to_release(reviewed, status)
        return pages.page("release", chosen=deciding.checklist(chosen), seen=deciding.digest(chosen))

    async def release(self, request: Request) -> Response:
        """Release what the page listed."""
        try:
            return await run_in_threadpool(self._released, self._live(request), await self._requests.body(request))
        except BadRequest as error:
            return error.response

    def faults(self, request: Request) -> Response:
        """All faults of the run as a CSV."""
        status = self._live(request).snapshot().status
        path = status.run_folder / FAULTS if status else None
        if path is None or not path.is_file():
            return message(404, "This run has no faults.")
        return FileResponse(path, media_type="text/csv", filename=FAULTS)

    def _live(self, request: Request) -> LiveReview:
        return self._reviews.of(request.path_params.get("run", ""))

    def _shown(self, request: Request) -> tuple[ReviewedRun, RunStatus]:
        """The run that a page shows; raises NotAllowed if Morning has moved on to a newer one."""
        snapshot, reviewed = self._live(request).now()
        status = deciding.shown_run(snapshot, request.query_params.get("run", ""))
        if reviewed is None:
            raise NotAllowed(deciding.NEWER)
        return reviewed, status

    def _decided(self, live: LiveReview, asked: dict[str, Any]) -> Response:
        decision = deciding.parse_request(asked)
        if decision is None:
            return JSONResponse({"message": "That is not a decision."}, 400)
        try:
            accounts = deciding.decide(self._home, live, decision)
        except Stop as stop:
            return JSONResponse(
                {"message": str(stop), "state": updates_since(live, decision.run, decision.version)}, 409
            )
        seen = [{"key": key, "seen": token(one)} for (key, _), one in zip(decision.items, accounts, strict=True)]
        text = deciding.decision_message(decision, accounts)
        return JSONResponse(
            {"message": text, "items": seen, "state": updates_since(live, decision.run, decision.version)}
        )

    def _released(self, live: LiveReview, asked: dict[str, Any]) -> Response:
        run, by, seen = (asked.get(name) for name in ("run", "by", "seen"))
        if not (isinstance(run, str) and isinstance(by, str) and isinstance(seen, str) and by.strip()):
            return JSONResponse({"message": "Say who releases."}, 400)
        try:
            done = deciding.release_seen(self._home, live, run, by.strip(), seen)
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)
        drafts = f"/drafts?run={quote(run)}" if done["released"] else ""  # the page to go to next
        return JSONResponse({"message": deciding.release_message(done), "next": drafts})
