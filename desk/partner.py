"""The data of a partner's page: its status, people, own pull, faults, downloads and history."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from desk.account import counted, decided, people_table, token
from desk.account_run import AccountRun
from desk.live_review import ReviewedRun
from desk.partner_history import partner_history
from desk.partners import Partner, report_rows
from desk.pulls import Pull
from desk.status_line import status_line
from exports.home import ready
from exports.home.layout import Home, reports_folder
from exports.page.render import key as bytes_key
from schemas.manifest import StoredRow
from schemas.review import AccountReview

FAULTS = 20  # that are listed of a held account


def page_data(
    home: Home, reviewed: ReviewedRun | None, partner: Partner, account_run: AccountRun | None, pull: Pull | None
) -> dict[str, Any]:
    """The data of the page."""
    review = _review(reviewed, partner)
    entry = partner.entry
    return {
        "partner": partner,
        "status_line": status_line(partner, review, account_run, pull),
        "problem": pull.problem if pull else "",
        "is_pulling": bool(pull and pull.is_running),
        "data_of": account_run.run.manifest["finished"] if account_run else _data_of(reviewed),
        "people": _people(home, partner, account_run),
        "account_run": account_run and _account_run(account_run),
        "faults": _faults(reviewed, partner, account_run),
        "waits": bytes_key(review) if review and not account_run and partner.status and _is_missing(partner) else "",
        "downloads": _downloads(partner, account_run),
        "history": partner_history(home, entry.account, entry.account_id, partner.ready),
    }


# ---------------------------------------------------------------------------------------------------------------------


def _is_missing(partner: Partner) -> bool:
    return bool(partner.status and partner.status.decision == "missing" and not partner.is_superseded)


def _data_of(reviewed: ReviewedRun | None) -> str:
    return str(reviewed.finished) if reviewed else ""


def _review(reviewed: ReviewedRun | None, partner: Partner) -> AccountReview | None:
    """The review of the account in the newest nightly run, if it needs a decision."""
    if reviewed is None or partner.index is None or reviewed.review["run"] != partner.run:
        return None
    key = reviewed.keys.get(partner.index)
    return reviewed.accounts[key] if key else None


def _people(home: Home, partner: Partner, account_run: AccountRun | None) -> Markup:
    """The people of the ready report, else of the one that waits, as an HTML table."""
    folder = ready.current(home)
    report: StoredRow | None = partner.ready
    if report is None and account_run and account_run.status.report:
        folder, report = reports_folder(home, account_run.run.run), account_run.status.report
    if report is None and partner.status and partner.status.report:
        folder, report = reports_folder(home, partner.run), partner.status.report
    if folder is None or report is None:
        return Markup("")
    try:
        headings, *rows = report_rows(folder, report)
    except OSError:
        return Markup('<p role="alert">The report is gone. Restore it from a backup, or release it again.</p>')
    return Markup("".join(people_table(headings, rows, "People")))  # noqa: S704  each cell passes through `shown`


def _account_run(account_run: AccountRun) -> dict[str, Any]:
    return {
        "run": account_run.run.run,
        "finished": account_run.run.manifest["finished"],
        "key": bytes_key(account_run.review),
        "seen": token(account_run.status),
        "needs_reason": account_run.review["needs_reason"],
        "counts": counted(account_run.review),
        "alarms": account_run.review["alarms"],
        "table": Markup(account_run.table),  # noqa: S704  exports/page/tables.py escapes
        "is_held": account_run.status.held is not None,
        **decided(account_run.status),
    }


def _faults(reviewed: ReviewedRun | None, partner: Partner, account_run: AccountRun | None) -> Sequence[dict[str, Any]]:
    """The first faults that hold the account back in its own run, else in the newest nightly run."""
    if account_run and account_run.status.held:
        faults = account_run.whole["faults"].filter(pl.col("account") == account_run.review["index"])
    elif reviewed and not account_run and partner.index is not None and partner.status and partner.status.held:
        faults = reviewed.review["faults"].filter(pl.col("account") == partner.index)
    else:
        return ()
    return faults.head(FAULTS).to_dicts()


def _downloads(partner: Partner, account_run: AccountRun | None) -> list[dict[str, str]]:
    """The reports that can be downloaded: name in the URL, what they are not yet, labels of the buttons."""
    downloads = []
    if partner.ready:
        downloads.append({"which": "ready", "but": "", "csv": "Download CSV", "workbook": "Download workbook"})
    if account_run and account_run.status.report:
        but = "approved, not released" if account_run.status.decision == "approved" else "not approved"
        verb = "Download pulled" if partner.ready else "Download"
        downloads.append({"which": "pulled", "but": but, "csv": f"{verb} CSV", "workbook": f"{verb} workbook"})
    return downloads
