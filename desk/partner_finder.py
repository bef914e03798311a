"""Finds the partner that a request is about, and the newest run of its own."""

from starlette.requests import Request

from desk.account_run import AccountRun, newest_account_run
from desk.account_runs import AccountRuns
from desk.current import CurrentRun
from desk.partners import Partner, Partners
from exports.home.layout import Home
from schemas.errors import NotAllowed

NO_PARTNER = "There is no such partner. Search for it"


class PartnerFinder:
    """Looks partners up by the key in the URL. Safe to use from several threads."""

    def __init__(self, home: Home, current: CurrentRun) -> None:
        self.partners = Partners(home, current)
        self._current = current
        self._account_runs = AccountRuns(home)

    def partner(self, request: Request) -> Partner:
        """The partner of a request. Raises NotAllowed if there is none."""
        partner = self.partners.partner(request.path_params["key"])
        if partner is None:
            raise NotAllowed(NO_PARTNER)
        return partner

    def account_run(self, partner: Partner) -> AccountRun | None:
        """As `newest_account_run`."""
        return newest_account_run(self._account_runs, self._current, partner)
