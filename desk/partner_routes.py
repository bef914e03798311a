"""The addresses of Partners: search, a partner's page, its downloads, its own pull and what is decided about it."""

from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import deciding, pages
from desk.asking import Asking, Refused
from desk.current import CurrentRun
from desk.directory import LIMIT
from desk.door import message
from desk.drafting import Mail, draft, eml, mark, refuse_other
from desk.morning import token
from desk.night import Nights
from desk.own import Own, own
from desk.own_runs import OwnRuns
from desk.partner import shows
from desk.partners import Partner, Partners
from desk.pulls import Pulls
from exports.home import ready
from exports.home.layout import Home, reports_folder
from exports.home.status import run_status
from exports.page.render import key as bytes_key
from exports.reports.workbook import workbook
from flows.mail.accounts import report_bytes
from flows.review.decide import Shown, decide_shown
from flows.review.release import refuse_if_all_passed_over, release
from flows.review.signature import who
from flows.run_ids import utc_now
from schemas.errors import NotAllowed, Stop

GONE = "There is no such partner. Search for it"


class PartnerRoutes:
    """Partners of one home."""

    def __init__(
        self, home: Home, current: CurrentRun, nights: Nights, asking: Asking, pulls: Pulls, mail: Mail
    ) -> None:
        self._home, self._current, self._nights, self._asking = home, current, nights, asking
        self._pulls, self._mail = pulls, mail
        self._partners = Partners(home, current)
        self._own_runs = OwnRuns(home)

    @property
    def routes(self) -> list[Route]:
        """Addresses and what answers at them."""
        return [
            Route("/partners", self.search),
            Route("/partners/{key}", self.page),
            Route("/partners/{key}/pull", self.state),
            Route("/partners/{key}/pull", self.pull, methods=["POST"]),
            Route("/partners/{key}/decision", self.decide, methods=["POST"]),
            Route("/partners/{key}/draft", self.draft, methods=["POST"]),
            Route("/partners/{key}/drafts/{name}", self.eml),
            Route("/partners/{key}/{which:str}.csv", self.csv),
            Route("/partners/{key}/{which:str}.xlsx", self.xlsx),
        ]

    def read_ahead(self) -> None:
        """Read what pages need, so that nobody who opens one waits for it. What fails is said where it is asked for."""
        with suppress(Stop, OSError):
            self._nights.now()
            self._partners.directory()

    def search(self, request: Request) -> Response:
        """Search, and its hits."""
        query = request.query_params.get("q", "")
        directory = self._partners.directory()
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
        partner = self._partners.partner(request.path_params["key"])
        if partner is None:
            return pages.page("refused", 404, title="Nobody here", text=GONE)
        brought = own(self._own_runs, self._current, partner)
        _, night = self._nights.now()
        view = shows(self._home, night, partner, brought, self._pulls.last(partner.entry.key))
        by = self._asking.who(request)
        return pages.page(
            "partner",
            by=by,
            team=self._asking.is_team,
            reasons=self._nights.reasons(by),
            mailbox=self._mail.mailbox is not None,
            seen=mark([partner.ready] if partner.ready else []),
            **view,
        )

    def state(self, request: Request) -> Response:
        """How the pull goes."""
        pull = self._pulls.last(request.path_params["key"])
        return JSONResponse({"words": pull.words if pull else "", "is_running": bool(pull and pull.is_running)})

    def pull(self, request: Request) -> Response:
        """Pull the partner's people now; a second press joins the first."""
        partner = self._partner(request)
        pull = self._pulls.start(partner.entry.key, partner.entry.account_id or partner.entry.account)
        return JSONResponse({"words": pull.words, "is_running": pull.is_running})

    async def decide(self, request: Request) -> Response:
        """Decide about what the partner's own pull brought, or release it."""
        try:
            asked = await self._asking.body(request)
        except Refused as refused:
            return refused.answer
        return await run_in_threadpool(self._decided, request, asked)

    async def draft(self, request: Request) -> Response:
        """Draft a mail with the ready report."""
        try:
            asked = await self._asking.body(request)
        except Refused as refused:
            return refused.answer
        return await run_in_threadpool(self._drafted, request, asked)

    def eml(self, request: Request) -> Response:
        """A draft, for the mail program."""
        name = request.path_params["name"]
        data = eml(self._home, self._partner(request), name)
        if data is None:
            return message(404, "There is no such draft. Make it again.")
        return pages.download(name, data, "message/rfc822")

    def csv(self, request: Request) -> Response:
        """The bytes of a report."""
        return self._download(request, "csv")

    def xlsx(self, request: Request) -> Response:
        """The same as a workbook."""
        return self._download(request, "xlsx")

    def _partner(self, request: Request) -> Partner:
        partner = self._partners.partner(request.path_params["key"])
        if partner is None:
            raise NotAllowed(GONE)
        return partner

    def _own(self, request: Request) -> Own | None:
        return own(self._own_runs, self._current, self._partner(request))

    def _decided(self, request: Request, asked: dict[str, Any]) -> Response:
        names = ("what", "key", "seen", "by", "reason")
        what, key, seen, by, reason = (str(asked.get(name) or "").strip() for name in names)
        try:
            brought = self._own(request)
            if brought is None or (bytes_key(brought.review), token(brought.status)) != (key, seen):
                raise NotAllowed("What was pulled, or decided about it, is another now. Load the page again")
            return JSONResponse({"message": self._write(brought, what, by, reason)})
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)

    def _drafted(self, request: Request, asked: dict[str, Any]) -> Response:
        to, by = (str(asked.get(name) or "").strip() for name in ("to", "by"))
        asked_for = asked.get("confirm")
        confirm = tuple(map(str, asked_for)) if isinstance(asked_for, list) else ()
        try:
            partner = self._partner(request)
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
            {"message": made.words, "file": made.file, "confirm": made.confirm, "is_again": made.is_again}
        )

    def _write(self, brought: Own, what: str, by: str, reason: str) -> str:
        run, now = brought.run.run, utc_now()
        if what == "release":
            done = release(self._home, run, by=who(by), now=now)
            refuse_if_all_passed_over(done)
            return "Released." if done["released"] else "Nothing was released."
        if what not in deciding.VERDICTS:
            raise NotAllowed("That is not a decision")

        def status() -> Any:
            return run_status(self._home, self._home.manifest(run))

        shown = [Shown(brought.review["place"], brought.status, brought.review["needs_reason"])]
        decide_shown(self._home, status, deciding.VERDICTS[what], shown, by=by, reason=reason, now=now)
        return f"{brought.status.account}: {deciding.DONE[what]}."

    def _download(self, request: Request, kind: str) -> Response:
        partner, which = self._partner(request), request.path_params["which"]
        report = self._pulled(request) if which == "pulled" else self._ready(partner) if which == "ready" else None
        if report is None:
            return message(404, "There is no such report. Load the page again.")
        name, data = report
        if kind == "csv":
            return pages.download(name, data, "text/csv; charset=utf-8")
        return pages.download(name.removesuffix(".csv") + ".xlsx", workbook(data), XLSX)

    def _ready(self, partner: Partner) -> tuple[str, bytes] | None:
        """Name and bytes of the report that is ready. Raises NotAllowed if it is not what was approved."""
        folder, report = ready.current(self._home), partner.ready
        return (report["file"], report_bytes(folder, report)) if folder and report else None

    def _pulled(self, request: Request) -> tuple[str, bytes] | None:
        """Name and bytes of what the partner's own run brought; the name warns what it is not."""
        brought = self._own(request)
        report = brought.status.report if brought else None
        if brought is None or report is None:
            return None
        data = report_bytes(reports_folder(self._home, brought.run.run), report)
        state = "not-released" if brought.status.decision == "approved" else "not-approved"
        return f"{state}-{report['file']}", data


# ---------------------------------------------------------------------------------------------------------------------

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
