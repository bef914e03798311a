"""A partner's page: may I send, who has which course, what its own pull brought, and what can be done."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from desk.current import CurrentRun
from desk.morning import counted, decided, people_table, token
from desk.own_runs import OwnRuns, of_account
from desk.partners import Partner, report_rows
from desk.pulls import Pull
from exports.home import ready
from exports.home.layout import Home, reports_folder
from exports.home.status import AccountStatus, RunStatus
from exports.page.render import key as bytes_key
from exports.page.tables import change_lots, changes_table
from flows.review.build import review_of
from schemas.review import AccountReview


@dataclass(frozen=True)
class Own:
    """What a partner's own run brought: its review and its status, as they are now."""

    run: RunStatus
    review: AccountReview
    status: AccountStatus
    table: str  # HTML


def own(runs: OwnRuns, current: CurrentRun, partner: Partner) -> Own | None:
    """The partner's own run, if it is newer than the newest nightly run and brought other bytes than are ready."""
    run = runs.newest(partner.entry.account, partner.entry.account_id)
    nightly = current.now().status
    if run is None or (nightly and nightly.manifest["finished"] > run.manifest["finished"]):
        return None
    status = of_account(run, partner.entry.account, partner.entry.account_id)
    if status is None or status.change == "unchanged":
        return None
    review = review_of(run)
    one = next(one for one in review["accounts"] if run.accounts[one["place"]] == status)
    lots = change_lots(review["changes"])
    return Own(run, one, status, changes_table(one, lots.get(one["place"], ())).decode())


def shows(home: Home, partner: Partner, own: Own | None, pull: Pull | None) -> dict[str, Any]:
    """What the page shows of a partner."""
    return {
        "partner": partner,
        "verdict": _verdict(partner, own, pull),
        "pulling": pull.words if pull and (pull.is_running or pull.problem) else "",
        "is_pulling": bool(pull and pull.is_running),
        "people": _people(home, partner, own),
        "own": own and _own(own),
        "downloads": _downloads(partner, own),
    }


# ---------------------------------------------------------------------------------------------------------------------


def _verdict(partner: Partner, own: Own | None, pull: Pull | None) -> str:
    if pull and pull.is_running:
        return pull.words
    if own and own.status.held:
        return f"Held: {own.status.held['faults']} in what was pulled; {partner.verdict}"
    if own and own.status.decision == "missing":
        return f"What was pulled at {own.run.manifest['finished'][11:16]} UTC is not approved; {partner.verdict}"
    return partner.verdict


def _people(home: Home, partner: Partner, own: Own | None) -> Markup:
    """The report that is ready, else the one that waits, with what it is."""
    folder, report, what = ready.current(home), partner.ready, "People"
    if report is None and own and own.status.report:
        folder, report = reports_folder(home, own.run.run), own.status.report
    if folder is None or report is None:
        return Markup("")
    try:
        headings, *rows = report_rows(folder, report)
    except OSError:
        return Markup('<p role="alert">The report is gone. Put it back from a backup, or release it again.</p>')
    return Markup("".join(people_table(headings, rows, what)))  # noqa: S704  each cell passes through `shown`


def _own(own: Own) -> dict[str, Any]:
    return {
        "run": own.run.run,
        "finished": own.run.manifest["finished"],
        "key": bytes_key(own.review),
        "seen": token(own.status),
        "needs_reason": own.review["needs_reason"],
        "counts": counted(own.review),
        "alarms": own.review["alarms"],
        "table": Markup(own.table),  # noqa: S704  exports/page/tables.py escapes
        "is_held": own.status.held is not None,
        **decided(own.status),
    }


def _downloads(partner: Partner, own: Own | None) -> list[tuple[str, str]]:
    """Which bytes can be downloaded: a word for the address, and what they are."""
    found = [("ready", "as approved")] if partner.ready else []
    if own and own.status.report:
        found.append(("pulled", "not approved" if own.status.decision != "approved" else "approved, not released"))
    return found
