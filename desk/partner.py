"""A partner's page: may I send, who has which course, what its own pull brought, what was, and what can be done."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from desk.morning import counted, decided, people_table, token
from desk.night import Night
from desk.own import Own
from desk.partners import Partner, report_rows
from desk.past import past
from desk.pulls import Pull
from desk.verdict import verdict
from exports.home import ready
from exports.home.layout import Home, reports_folder
from exports.page.render import key as bytes_key
from schemas.manifest import StoredRow
from schemas.review import AccountReview

FAULTS = 20  # of a held account


def shows(home: Home, night: Night | None, partner: Partner, own: Own | None, pull: Pull | None) -> dict[str, Any]:
    """What the page shows of a partner."""
    review = _review(night, partner)
    entry = partner.entry
    return {
        "partner": partner,
        "verdict": verdict(partner, review, own, pull),
        "problem": pull.problem if pull else "",
        "is_pulling": bool(pull and pull.is_running),
        "data_of": own.run.manifest["finished"] if own else _data_of(night),
        "people": _people(home, partner, own),
        "own": own and _own(own),
        "faults": _faults(night, partner, own),
        "waits": bytes_key(review) if review and not own and partner.status and _is_missing(partner) else "",
        "downloads": _downloads(partner, own),
        "past": past(home, entry.account, entry.account_id, partner.ready),
    }


# ---------------------------------------------------------------------------------------------------------------------


def _is_missing(partner: Partner) -> bool:
    return bool(partner.status and partner.status.decision == "missing" and not partner.is_overtaken)


def _data_of(night: Night | None) -> str:
    return str(night.finished) if night else ""


def _review(night: Night | None, partner: Partner) -> AccountReview | None:
    """The review of the account in the newest night, where it needs a decision."""
    if night is None or partner.place is None or night.review["run"] != partner.run:
        return None
    key = night.keys.get(partner.place)
    return night.accounts[key] if key else None


def _people(home: Home, partner: Partner, own: Own | None) -> Markup:
    """The report that is ready, else the one that waits."""
    folder = ready.current(home)
    report: StoredRow | None = partner.ready
    if report is None and own and own.status.report:
        folder, report = reports_folder(home, own.run.run), own.status.report
    if report is None and partner.status and partner.status.report:
        folder, report = reports_folder(home, partner.run), partner.status.report
    if folder is None or report is None:
        return Markup("")
    try:
        headings, *rows = report_rows(folder, report)
    except OSError:
        return Markup('<p role="alert">The report is gone. Put it back from a backup, or release it again.</p>')
    return Markup("".join(people_table(headings, rows, "People")))  # noqa: S704  each cell passes through `shown`


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


def _faults(night: Night | None, partner: Partner, own: Own | None) -> Sequence[dict[str, Any]]:
    """The first faults that hold the account back, in its own run, else in the newest night."""
    if own and own.status.held:
        faults = own.whole["faults"].filter(pl.col("account") == own.review["place"])
    elif night and not own and partner.place is not None and partner.status and partner.status.held:
        faults = night.review["faults"].filter(pl.col("account") == partner.place)
    else:
        return ()
    return faults.head(FAULTS).to_dicts()


def _downloads(partner: Partner, own: Own | None) -> list[dict[str, str]]:
    """Which bytes can be downloaded: in the address, what they are not yet, the words of the buttons."""
    downloads = []
    if partner.ready:
        downloads.append({"which": "ready", "but": "", "csv": "Download CSV", "workbook": "Download workbook"})
    if own and own.status.report:
        but = "approved, not released" if own.status.decision == "approved" else "not approved"
        verb = "Download pulled" if partner.ready else "Download"
        downloads.append({"which": "pulled", "but": but, "csv": f"{verb} CSV", "workbook": f"{verb} workbook"})
    return downloads
