"""The routes of a partner's downloads: its reports as CSV and workbook, and its drafts."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk import pages
from desk.door import message
from desk.drafting import eml
from desk.partner_finder import PartnerFinder
from desk.partners import Partner
from exports.home import ready
from exports.home.layout import Home, reports_folder
from exports.reports.workbook import workbook
from flows.mail.accounts import report_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DownloadRoutes:
    """The downloads of the partners of one home."""

    def __init__(self, home: Home, finder: PartnerFinder) -> None:
        self._home, self._finder = home, finder

    @property
    def routes(self) -> list[Route]:
        """The routes and their handlers."""
        return [
            Route("/partners/{key}/drafts/{name}", self.eml),
            Route("/partners/{key}/{which:str}.csv", self.csv),
            Route("/partners/{key}/{which:str}.xlsx", self.xlsx),
        ]

    def eml(self, request: Request) -> Response:
        """A draft as a file for the mail program."""
        name = request.path_params["name"]
        data = eml(self._home, self._finder.partner(request), name)
        if data is None:
            return message(404, "There is no such draft. Make it again.")
        return pages.download(name, data, "message/rfc822")

    def csv(self, request: Request) -> Response:
        """The bytes of a report."""
        return self._download(request, "csv")

    def xlsx(self, request: Request) -> Response:
        """A report as a workbook."""
        return self._download(request, "xlsx")

    def _download(self, request: Request, kind: str) -> Response:
        partner, which = self._finder.partner(request), request.path_params["which"]
        report = self._pulled(partner) if which == "pulled" else self._ready(partner) if which == "ready" else None
        if report is None:
            return message(404, "There is no such report. Load the page again.")
        name, data = report
        if kind == "csv":
            return pages.download(name, data, "text/csv; charset=utf-8")
        return pages.download(name.removesuffix(".csv") + ".xlsx", workbook(data), XLSX)

    def _ready(self, partner: Partner) -> tuple[str, bytes] | None:
        """Name and bytes of the ready report. Raises NotAllowed if it is not what was approved."""
        folder, report = ready.current(self._home), partner.ready
        return (report["file"], report_bytes(folder, report)) if folder and report else None

    def _pulled(self, partner: Partner) -> tuple[str, bytes] | None:
        """Name and bytes of the report of the partner's own run; the name says that it is not approved or released."""
        account_run = self._finder.account_run(partner)
        report = account_run.status.report if account_run else None
        if account_run is None or report is None:
            return None
        data = report_bytes(reports_folder(self._home, account_run.run.run), report)
        state = "not-released" if account_run.status.decision == "approved" else "not-approved"
        return f"{state}-{report['file']}", data
