"""The data of the account that is being decided: its changes, the decision about it, and the token of that decision."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from desk.keys import key_of
from desk.live_review import ReviewedRun
from desk.partners import report_rows
from exports.home.layout import reports_folder
from exports.home.status import AccountStatus, RunStatus
from exports.page.sections import CHANGES
from exports.page.tables import KINDS, changes_table
from exports.page.text import shown
from schemas.review import AccountReview, Kind
from schemas.words import plural


def account_data(reviewed: ReviewedRun, status: RunStatus, key: str) -> dict[str, Any]:
    """The data of the account that is being decided."""
    one, now = reviewed.accounts[key], reviewed.status(status, key)
    return {
        "key": key,
        "account": one["account"],
        "account_id": one["account_id"],
        "partner": key_of(one["account"], one["account_id"]),
        "renamed_from": one["renamed_from"],
        "change_words": CHANGES[one["change"]],
        "counts": counted(one),
        "alarms": one["alarms"],
        "seen": token(now),
        "needs_reason": one["needs_reason"],
        "group": _group(reviewed, status, key),
        "table": _table(reviewed, status, one),
        "file_words": _file_words(one),
        **decided(now),
    }


def decided(one: AccountStatus) -> dict[str, Any]:
    """The decision about an account: who, when and why."""
    line = one.decision_line
    about = (
        {"by": line["by"], "at": line["at"], "reason": line["reason"]}
        if line
        else dict.fromkeys(("by", "at", "reason"), "")
    )
    return {"decision": one.decision, **about}


def token(one: AccountStatus) -> str:
    """A short hash of the decision about an account, which a page sends back."""
    return sha256(repr(one.decision_line).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def counted(one: AccountReview) -> list[tuple[str, str]]:
    """The number of changes of each kind that occurs: the kind, and its sign, number and name as text."""
    known = [(kind, count) for kind, count in one["counts"].items() if count]
    return [(kind, f"{KINDS[kind][0]} {counted_text(kind, count)}") for kind, count in known]


def counted_text(kind: Kind, count: int) -> str:
    """A number of changes of one kind: "3 gained", "1 detail"."""
    return plural(count, "detail") if kind == "details" else f"{count:,} {KINDS[kind][1]}"


def people_table(headings: list[str], rows: list[list[str]], caption: str) -> Iterator[str]:
    """The rows of a report as an HTML table; blank cells stay blank."""
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="people">'
    yield f'<caption class="sr">{caption}</caption><thead><tr>'
    yield from (f'<th scope="col">{shown(heading)}' for heading in headings)
    yield "</tr></thead><tbody>\n"
    for first, *rest in rows:
        yield f'<tr><th scope="row">{shown(first)}'
        yield from (f"<td>{shown(cell).replace('@', '@<wbr>') if cell else ''}" for cell in rest)
        yield "\n"
    yield "</tbody></table></div>"


# ---------------------------------------------------------------------------------------------------------------------


def _group(reviewed: ReviewedRun, status: RunStatus, key: str) -> dict[str, Any] | None:
    """The group of an account, if others in it are undecided too."""
    group = reviewed.group_of.get(key)
    if group is None:
        return None
    waiting = [member for member in reviewed.groups[group] if reviewed.status(status, member).decision == "missing"]
    if len(waiting) < 2:
        return None
    return {"key": group, "words": f"the same change in {len(waiting):,} accounts"}


def _table(reviewed: ReviewedRun, status: RunStatus, one: AccountReview) -> Markup:
    table = changes_table(one["account"], reviewed.changes.get(one["index"], ()))
    if table:
        return Markup(table.decode())  # noqa: S704  exports/page/tables.py escapes
    if one["change"] in ("new", "gone"):
        return Markup("".join(_people(status, one)))  # noqa: S704  each cell passes through `shown`
    return Markup('<p class="quiet">No cell of any person changed. Only the bytes differ.</p>')


def _people(status: RunStatus, one: AccountReview) -> Iterator[str]:
    """Everybody in a new or gone report, for runs with too many of those to list every person as a change."""
    account = status.accounts[one["index"]]
    folder, report = reports_folder(status.home, status.run), account.report
    if report is None:
        folder, report = status.ready or folder, account.ready
    if report is None:
        return
    headings, *rows = report_rows(folder, report)
    yield from people_table(headings, rows, "Everybody in the report")


def _file_words(one: AccountReview) -> str:
    if one["file"] is None:
        return (
            f"If approved, the next release takes the report of {plural(one['rows_before'], 'person', 'people')} out "
            "of ready."
        )
    before = "" if one["change"] == "new" else f", was {one['rows_before']:,}"
    return f"Would be sent: {one['file']}, {plural(one['rows'], 'row')}{before}, sha256 {(one['sha256'] or '')[:12]}"
