"""The routes of drafts: offers mails for everything that a run released, for a person to send."""

from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import pages
from desk.door import message
from desk.drafting import Mail, before, draft_released, file_of, mark, refuse_other, stored
from desk.keys import key_of
from desk.requests import BadRequest, RequestReader
from exports.home import ready
from exports.home.layout import Home
from flows.mail.accounts import Row
from flows.mail.draft import Drafts
from schemas.errors import Stop

MOST = 500  # drafts in one request; for more there is `partner-certs draft --changed`


class DraftRoutes:
    """The drafts of one home."""

    def __init__(self, home: Home, requests: RequestReader, mail: Mail) -> None:
        self._home, self._requests, self._mail = home, requests, mail

    @property
    def routes(self) -> list[Route]:
        """The routes and their handlers."""
        return [
            Route("/drafts", self.page),
            Route("/drafts", self.make, methods=["POST"]),
            Route("/drafts/{name}", self.eml),
        ]

    def page(self, request: Request) -> Response:
        """The page that lists the reports a run brought into ready/ and offers to draft their mails."""
        rows = self._released(request.query_params.get("run", ""))
        accounts = [(row["account"], key_of(row["account"], row["account_id"]), row["rows"]) for row in rows]
        return pages.page(
            "drafts",
            accounts=accounts,
            seen=mark(rows),
            most=MOST,
            by=self._requests.who(request),
            team=self._requests.is_team,
            mailbox=self._mail.mailbox is not None,
            reasons=[],
        )

    async def make(self, request: Request) -> Response:
        """Make the drafts of a run's reports that are ready."""
        try:
            asked = await self._requests.body(request)
        except BadRequest as error:
            return error.response
        return await run_in_threadpool(self._made, asked)

    def eml(self, request: Request) -> Response:
        """A draft as a file for the mail program."""
        name = request.path_params["name"]
        data = stored(self._home, name)
        if data is None:
            return message(404, "There is no such draft. Make it again.")
        return pages.download(name, data, "message/rfc822")

    def _released(self, run: str) -> Sequence[Row]:
        return [row for row in ready.rows(self._home) if row["run"] == run]

    def _made(self, asked: dict[str, Any]) -> Response:
        run, by = (str(asked.get(name) or "").strip() for name in ("run", "by"))
        rows = self._released(run)
        if not by or not 0 < len(rows) <= MOST:
            return JSONResponse({"message": "Say who drafts, and the reports of which run."}, 400)
        try:
            refuse_other(asked.get("seen"), rows)
            drafts = draft_released(self._home, rows, self._mail, by, in_mailbox=asked.get("in_mailbox") is True)
        except Stop as stop:
            return JSONResponse({"message": str(stop)}, 409)
        return pages.page("drafted", **_page_data(drafts))


# ---------------------------------------------------------------------------------------------------------------------


def _page_data(drafts: Drafts) -> dict[str, Any]:
    """The result for each account: its name, the key of its page, then recipients and file, or a sentence."""
    return {
        "made": [(*_link(one.row), ", ".join(one.draft.to), file_of(one)) for one in drafts.made],
        "refused": [(*_link(one.row), one.why) for one in drafts.refused],
        "already": [(*_link(one.row), before(one)) for one in drafts.already],
        "notices": [*drafts.notices, *drafts.alike],
    }


def _link(row: Row) -> tuple[str, str]:
    return row["account"], key_of(row["account"], row["account_id"])
