"""The history on a partner's page: what it was given and sent, and what changed since the last report sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from exports.home import ready, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.page.tables import change_lots, changes_table
from exports.reports.read import Stored, read_reports
from exports.reports.rows import cells
from flows.history import Event, events
from flows.mail.earlier import Earlier
from schemas.errors import NotAllowed
from schemas.manifest import ReadyRow, StoredRow
from schemas.words import moment
from transforms.changes import changes

LISTED = 50  # the newest events
_WHAT = {
    "released": "Released",
    "removed": "Taken out of ready",
    "drafted": "Mail drafted",
    "sent": "Sent",
    "contact": "Recipient confirmed",
}


@dataclass(frozen=True)
class PartnerHistory:
    """Events, the newest first, and what changed since the last *sent*: a sentence and an HTML table."""

    events: Sequence[dict[str, str]]
    since: str
    table: Markup


def partner_history(home: Home, account: str, account_id: str | None, report: ReadyRow | None) -> PartnerHistory:
    """The history of a partner. report: the one that is ready, None if there is none."""
    lines = sent.record(home, account, account_id).lines
    shown = [_event(event) for event in events(lines)]
    since, table = _since_sent(home, account, lines, report)
    return PartnerHistory(shown[::-1][:LISTED], since, table)


# ---------------------------------------------------------------------------------------------------------------------


def _event(event: Event) -> dict[str, str]:
    to = ", ".join(event["to"])
    return {"at": event["at"], "what": _WHAT[event["what"]], "by": event["by"], "to": to}


def _since_sent(home: Home, account: str, lines: Sequence[Line], report: ReadyRow | None) -> tuple[str, Markup]:
    last = next((line for line in reversed(lines) if line["what"] == "sent" and line["sha256"]), None)
    if report is None:
        return "", Markup("")
    if last is None:
        return "No mail with a report is noted as sent yet.", Markup("")
    when = f"{moment(last['at'])[:10]} to {', '.join(last.get('to', ())) or 'somebody'}"
    if last["sha256"] == report["sha256"]:
        return f"Nothing: the ready report was sent on {when}.", Markup("")
    before = Earlier(home).find(last["run"], str(last["sha256"]), report["file"])
    if before is None:
        return f"The report that was sent on {when} is no longer kept.", Markup("")
    table = _compared(home, account, before, str(last["sha256"]), report)
    what = "The ready report differs from the one sent on" if table else "No cell differs from the report sent on"
    return f"{what} {when}.", table


def _compared(home: Home, account: str, before: Path, sha256: str, report: ReadyRow) -> Markup:
    """The changes from an earlier report to the ready one, as an HTML table."""
    folder, data = ready.current(home), before.read_bytes()
    earlier: StoredRow = {
        "account": account,
        "account_id": report["account_id"],
        "file": before.name,
        "sha256": sha256,
        "rows": len(cells(data)) - 1,
        "bytes": len(data),
    }
    try:
        now = read_reports([Stored(0, (folder or home.ready,), report)])
        changed = changes(read_reports([Stored(0, (before.parent,), earlier)]), now)
    except NotAllowed as refused:
        return Markup("<p>{}</p>").format(str(refused))
    return Markup(changes_table(account, change_lots(changed).get(0, ())).decode())  # noqa: S704  tables.py escapes
