"""The addresses of Morning: the page, its accounts, decisions, groups, the release."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import deciding, pages
from desk.asking import Asking, Refused
from desk.current import CurrentRun
from desk.follow import Follow
from desk.morning import account, morning, token
from desk.night import Night, Nights
from exports.home.layout import Home
from exports.home.status import RunStatus
from schemas.errors import NotAllowed, Stop


class MorningRoutes:
    """Morning of one home."""

    def __init__(self, home: Home, current: CurrentRun, asking: Asking) -> None:
        self._home, self._current, self._asking = home, current, asking
        self._nights = Nights(current)
        self._follow = Follow(self._nights)

    @property
    def routes(self) -> list[Route]:
        """Addresses and what answers at them."""
        return [
            Route("/", self.page),
            Route("/accounts/{key}", self.account),
            Route("/groups/{group}", self.group),
            Route("/decisions", self.decisions),
            Route("/decisions", self.decide, methods=["POST"]),
            Route("/release", self.to_release),
            Route("/release", self.release, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """The newest nightly run, its queue, and the account that is being decided."""
        moment, night = self._nights.now()
        shows = None
        if night and moment.status:
            shows = morning(moment, night, moment.status, request.query_params.get("account"))
        who = self._asking.who(request)
        return pages.page(
            "morning", morning=shows, by=who, team=self._asking.is_team, reasons=self._follow.reasons(who)
        )

    def account(self, request: Request) -> Response:
        """One account, to be put into the page."""
        night, status = self._shown(request)
        key = request.path_params["key"]
        if key not in night.accounts:
            raise NotAllowed("This account has changed since the page was opened. Load the page again")
        return pages.page("account", morning={"current": account(night, status, key)})

    def group(self, request: Request) -> Response:
        """Every member of a group with its changes, before they are approved together."""
        night, status = self._shown(request)
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
        try:
            return await run_in_threadpool(self._decided, await self._asking.body(request))
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
            return await run_in_threadpool(self._released, await self._asking.body(request))
        except Refused as refused:
            return refused.answer

    def _shown(self, request: Request) -> tuple[Night, RunStatus]:
        """The night that a page shows; raises NotAllowed if a newer one has come."""
        moment, night = self._nights.now()
        status = deciding.of_run(moment, request.query_params.get("run", ""))
        if night is None:
            raise NotAllowed(deciding.NEWER)
        return night, status

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
            return JSONResponse({"message": str(stop)}, 409)
