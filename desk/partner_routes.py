"""The routes of Partners: search, a partner's page, its pull, its drafts, and decisions about its own run.

Its downloads are in `download_routes.py`.
"""

from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import deciding, pages
from desk.account import token
from desk.account_run import AccountRun
from desk.directory import LIMIT
from desk.drafting import Mail, draft, mark, refuse_other
from desk.live_review import LiveReview
from desk.partner import page_data
from desk.partner_finder import NO_PARTNER, PartnerFinder
from desk.pulls import Pulls
from desk.requests import BadRequest, RequestReader
from exports.home.layout import Home
from exports.home.status import run_status
from exports.page.render import key as bytes_key
from flows.review.decide import Shown, decide_shown
from flows.review.release import refuse_if_all_passed_over, release
from flows.review.signature import who
from flows.run_ids import utc_now
from schemas.errors import NotAllowed, Stop


class PartnerRoutes:
    """The partners of one home."""

    def __init__(
        self, home: Home, finder: PartnerFinder, live: LiveReview, requests: RequestReader, pulls: Pulls, mail: Mail
    ) -> None:
        self._home, self._finder, self._live, self._requests = home, finder, live, requests
        self._pulls, self._mail = pulls, mail

    @property
    def routes(self) -> list[Route]:
        """The routes and their handlers."""
        return [
            Route("/partners", self.search),
            Route("/partners/{key}", self.page),
            Route("/partners/{key}/pull", self.state),
            Route("/partners/{key}/pull", self.pull, methods=["POST"]),
            Route("/partners/{key}/decision", self.decide, methods=["POST"]),
            Route("/partners/{key}/draft", self.draft, methods=["POST"]),
        ]

    def read_ahead(self) -> None:
        """Load what pages need before somebody opens one. An error here is shown by the page that needs the data."""
        with suppress(Stop, OSError):
            self._live.now()
            self._finder.partners.directory()

    def search(self, request: Request) -> Response:
        """The search box and its hits."""
        query = request.query_params.get("q", "")
        directory = self._finder.partners.directory()
        if directory is None:
            return pages.page("partners", query=query, is_reading=True)
        hits = directory.search(query)
        return pages.page(
            "partners",
            query=query,
            is_reading=False,
            hits=hits,
            limit=LIMIT,
            count=len(directory.entries),
            nearest="" if hits or "@" in query else directory.near(query),
        )

    def page(self, request: Request) -> Response:
        """A partner's page."""
        partner = self._finder.partners.partner(request.path_params["key"])
        if partner is None:
            return pages.page("refused", 404, title="No such partner", text=NO_PARTNER)
        account_run = self._finder.account_run(partner)
        _, reviewed = self._live.now()
        view = page_data(self._home, reviewed, partner, account_run, self._pulls.last(partner.entry.key))
        by = self._requests.who(request)
        return pages.page(
            "partner",
            by=by,
            team=self._requests.is_team,
            reasons=self._live.reasons(by),
            mailbox=self._mail.mailbox is not None,
            seen=mark([partner.ready] if partner.ready else []),
            **view,
        )

    def state(self, request: Request) -> Response:
        """The progress of the pull."""
        pull = self._pulls.last(request.path_params["key"])
        return JSONResponse({"words": pull.message if pull else "", "is_running": bool(pull and pull.is_running)})

    def pull(self, request: Request) -> Response:
        """Pull the partner's people now; a second press joins the first."""
        partner = self._finder.partner(request)
        pull = self._pulls.start(partner.entry.key, partner.entry.account_id or partner.entry.account)
        return JSONResponse({"words": pull.message, "is_running": pull.is_running})

    async def decide(self, request: Request) -> Response:
        """Decide about the report of the partner's own pull, or release it."""
        try:
            asked = await self._requests.body(request)
        except BadRequest as error:
            return error.response
        return await run_in_threadpool(self._decided, request, asked)

    async def draft(self, request: Request) -> Response:
        """Draft a mail with the ready report."""
        try:
            asked = await self._requests.body(request)
        except BadRequest as error:
            return error.response
        return await run_in_threadpool(self._drafted, request, asked)

    def _decided(self, request: Request, asked: dict[str, Any]) -> Response:
        names = ("what", "key", "seen", "by", "reason")
        what, key, seen, by, reason = (str(asked.get(name) or "").strip() for name in names)
        try:
            account_run = self._finder.account_run(self._finder.partner(request))
            if account_run is None or (bytes_key(account_run.review), token(account_run.status)) != (key, seen):
                raise NotAllowed("There is a newer pull or decision than this page shows. Load the page again")
            return JSONResponse({"message": self._write(account_run, what, by, reason)})
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)

    def _drafted(self, request: Request, asked: dict[str, Any]) -> Response:
        to, by = (str(asked.get(name) or "").strip() for name in ("to", "by"))
        asked_for = asked.get("confirm")
        confirm = tuple(map(str, asked_for)) if isinstance(asked_for, list) else ()
        try:
            partner = self._finder.partner(request)
            refuse_other(asked.get("seen"), [partner.ready] if partner.ready else [])
            made = draft(
                self._home,
                partner,
                self._mail,
                to=to,
                confirm=confirm,
                by=by,
                again=asked.get("again") is True,
                in_mailbox=asked.get("in_mailbox") is True,
            )
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)
        return JSONResponse(
            {"message": made.message, "file": made.file, "confirm": made.confirm, "is_again": made.is_again}
        )

    def _write(self, account_run: AccountRun, what: str, by: str, reason: str) -> str:
        run, now = account_run.run.run, utc_now()
        if what == "release":
            done = release(self._home, run, by=who(by), now=now)
            refuse_if_all_passed_over(done)
            return "Released." if done["released"] else "Nothing was released."
        if what not in deciding.ACTIONS:
            raise NotAllowed("That is not a decision")

        def status() -> Any:
            return run_status(self._home, self._home.manifest(run))

        shown = [Shown(account_run.review["index"], account_run.status, account_run.review["needs_reason"])]
        decide_shown(self._home, status, deciding.ACTIONS[what], shown, by=by, reason=reason, now=now)
        return f"{account_run.status.account}: {deciding.DONE[what]}."
