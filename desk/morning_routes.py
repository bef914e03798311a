"""The addresses of Morning, and of the page of any other run: its accounts, decisions, groups, the release.

Morning is at `/` and always the newest nightly run; a run that somebody opens by its id is at `/runs/<run>`. Both have
the same pages below them.
"""

from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from desk import deciding, follow, pages
from desk.asking import Asking, Refused
from desk.door import message
from desk.morning import account, morning, token
from desk.night import EveryNight, Night, Nights
from exports.home.layout import FAULTS, Home
from exports.home.status import RunStatus
from schemas.errors import NotAllowed, Stop


class MorningRoutes:
    """Morning of one home, and the pages of its runs."""

    def __init__(self, home: Home, nights: EveryNight, asking: Asking) -> None:
        self._home, self._every, self._asking = home, nights, asking

    @property
    def routes(self) -> list[Route | Mount]:
        """Addresses and what answers at them."""
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
        """The run, its queue, and the account that is being decided."""
        run = request.path_params.get("run", "")
        moment, night = self._nights(request).now()
        if run and night is None:
            return pages.page("refused", 404, title="No such run", text="See the runs that there are under Runs")
        shows = None
        if night and moment.status:
            shows = morning(moment, night, moment.status, request.query_params.get("account"))
        who = self._asking.who(request)
        return pages.page(
            "morning",
            morning=shows,
            base=f"/runs/{run}" if run else "",
            by=who,
            team=self._asking.is_team,
            reasons=self._every.of("").reasons(who),
        )

    def account(self, request: Request) -> Response:
        """One account, to be put into the page."""
        night, status = self._shown(request)
        key = request.path_params["key"]
        if key not in night.accounts:
            raise NotAllowed("This account has changed since the page was opened. Load the page again")
        return pages.page("account", morning={"current": account(night, status, key), "newer": status.newer})

    def group(self, request: Request) -> Response:
        """Every member of a group with its changes, before they are approved together."""
        night, status = self._shown(request)
        members = deciding.members(night, status, request.path_params["group"])
        items = [{"key": key, "seen": token(one)} for key, _, one in members]
        return pages.page("members", items=items, members=[account(night, status, key) for key, _, _ in members])

    def decisions(self, request: Request) -> Response:
        """What others have decided since a page was loaded; nothing if that is nothing."""
        seen = request.query_params.get("seen", "")
        version = int(seen) if seen.isdecimal() else 0
        state = follow.since(self._nights(request), request.query_params.get("run", ""), version)
        return JSONResponse(state) if state else Response(status_code=204)

    async def decide(self, request: Request) -> Response:
        """Decide about what the page shows: all of it, or nothing."""
        try:
            return await run_in_threadpool(self._decided, self._nights(request), await self._asking.body(request))
        except Refused as refused:
            return refused.answer

    def to_release(self, request: Request) -> Response:
        """What would be released, losses first."""
        night, status = self._shown(request)
        chosen = deciding.to_release(night, status)
        return pages.page("release", chosen=deciding.checklist(chosen), seen=deciding.digest(chosen))

    async def release(self, request: Request) -> Response:
        """Release what the page listed."""
        try:
            return await run_in_threadpool(self._released, self._nights(request), await self._asking.body(request))
        except Refused as refused:
            return refused.answer

    def faults(self, request: Request) -> Response:
        """All faults of the run as a CSV."""
        status = self._nights(request).moment().status
        path = status.run_folder / FAULTS if status else None
        if path is None or not path.is_file():
            return message(404, "This run has no faults.")
        return FileResponse(path, media_type="text/csv", filename=FAULTS)

    def _nights(self, request: Request) -> Nights:
        return self._every.of(request.path_params.get("run", ""))

    def _shown(self, request: Request) -> tuple[Night, RunStatus]:
        """The night that a page shows; raises NotAllowed if Morning has a newer one meanwhile."""
        moment, night = self._nights(request).now()
        status = deciding.of_run(moment, request.query_params.get("run", ""))
        if night is None:
            raise NotAllowed(deciding.NEWER)
        return night, status

    def _decided(self, nights: Nights, asked: dict[str, Any]) -> Response:
        wish = deciding.wish(asked)
        if wish is None:
            return JSONResponse({"message": "That is not a decision."}, 400)
        try:
            accounts = deciding.decide(self._home, nights, wish)
        except Stop as stop:
            return JSONResponse({"message": str(stop), "state": follow.since(nights, wish.run, wish.version)}, 409)
        seen = [{"key": key, "seen": token(one)} for (key, _), one in zip(wish.items, accounts, strict=True)]
        words = deciding.done_words(wish, accounts)
        return JSONResponse({"message": words, "items": seen, "state": follow.since(nights, wish.run, wish.version)})

    def _released(self, nights: Nights, asked: dict[str, Any]) -> Response:
        run, by, seen = (asked.get(name) for name in ("run", "by", "seen"))
        if not (isinstance(run, str) and isinstance(by, str) and isinstance(seen, str) and by.strip()):
            return JSONResponse({"message": "Say who releases."}, 400)
        try:
            done = deciding.release_seen(self._home, nights, run, by.strip(), seen)
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)
        drafts = f"/drafts?run={quote(run)}" if done["released"] else ""  # what may be done next
        return JSONResponse({"message": deciding.released_words(done), "next": drafts})
