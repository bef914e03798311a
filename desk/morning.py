"""Morning: what the page of a run shows. Deciding and releasing is in `deciding.py`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from desk.current import Moment
from desk.keys import key_of
from desk.night import Night
from desk.partners import report_rows
from exports.home.layout import reports_folder
from exports.home.status import AccountStatus, RunStatus
from exports.page.sections import CHANGES
from exports.page.tables import KINDS, changes_table
from exports.page.text import shown
from schemas.review import AccountReview, Kind, verdict
from schemas.words import plural

LISTED = 300  # accounts in the queue of one page


@dataclass(frozen=True)
class Progress:
    """How far the reviewers are."""

    to_decide: int
    decided: int
    to_release: int

    @property
    def words(self) -> str:
        """ "12 of 35 decided"."""
        return f"{self.decided:,} of {self.to_decide:,} decided"

    @property
    def release_words(self) -> str:
        """The words of the button: "Release 12 reports"."""
        return f"Release {plural(self.to_release, 'report')}"


def progress(night: Night, status: RunStatus) -> Progress:
    """Counted over the accounts that need a decision."""
    counts = Counter(status.accounts[place].decision for place in night.keys)
    return Progress(counts.total(), counts.total() - counts["missing"], counts["approved"])


def morning(moment: Moment, night: Night, status: RunStatus, wanted: str | None) -> dict[str, Any]:
    """What the page shows; `wanted` is the key of the account to begin with, else the first that is undecided."""
    far = progress(night, status)
    keys = list(night.accounts)
    if len(keys) > LISTED:  # then the undecided ones, as many as anybody decides before the page is loaded again
        keys = [key for key in keys if night.status(status, key).decision == "missing" or key == wanted] or keys
    items = [_item(key, night.accounts[key], night.status(status, key)) for key in keys[:LISTED]]
    current = wanted if wanted in night.accounts else _first(items)
    return {
        "run": status.run,
        "newer": status.newer,
        "version": moment.version,
        "verdict": verdict(night.review["totals"]),
        "finished": status.manifest["finished"],
        "source": night.review["source"],
        "progress": far.words,
        "to_decide": far.to_decide,
        "decided": far.decided,
        "to_release": far.to_release,
        "release_words": far.release_words,
        "alarms": night.review["alarms"],
        "queue": items,
        "more": max(0, len(keys) - LISTED),
        "current": current and account(night, status, current),
        "nothing": _nothing(night),
        "held": night.held,
    }


def account(night: Night, status: RunStatus, key: str) -> dict[str, Any]:
    """What is shown of the account that is being decided."""
    one, now = night.accounts[key], night.status(status, key)
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
        "group": _group(night, status, key),
        "table": _table(night, status, one),
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
    """A mark of a decision about an account: a page sends back the one that it showed."""
    return sha256(repr(one.decision_line).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def counted(one: AccountReview) -> list[tuple[str, str]]:
    """How many changes of each kind there are: the kind, and sign, number and word."""
    known = [(kind, count) for kind, count in one["counts"].items() if count]
    return [(kind, f"{KINDS[kind][0]} {_counted(kind, count)}") for kind, count in known]


def people_table(headings: list[str], rows: list[list[str]], caption: str) -> Iterator[str]:
    """People as a table, a cell each; blank cells blank."""
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


def _item(key: str, one: AccountReview, status: AccountStatus) -> dict[str, Any]:
    return {"key": key, "account": one["account"], "summary": _summary(one), "decision": status.decision}


def _first(items: list[dict[str, Any]]) -> str | None:
    missing = (item["key"] for item in items if item["decision"] == "missing")
    return next(missing, items[0]["key"] if items else None)


def _summary(one: AccountReview) -> str:
    if one["change"] == "new":
        return f"new: {plural(one['rows'], 'person', 'people')}"
    if one["change"] == "gone":
        return f"gone: {plural(one['rows_before'], 'person', 'people')}"
    renamed = ["renamed"] if one["renamed_from"] else []
    counts = [_counted(kind, count) for kind, count in one["counts"].items() if count]
    return ", ".join([*renamed, *counts]) or "only bytes differ"


def _counted(kind: Kind, count: int) -> str:
    return plural(count, "detail") if kind == "details" else f"{count:,} {KINDS[kind][1]}"


def _group(night: Night, status: RunStatus, key: str) -> dict[str, Any] | None:
    """The group that an account is in, while others of it are undecided too."""
    group = night.group_of.get(key)
    if group is None:
        return None
    waiting = [member for member in night.groups[group] if night.status(status, member).decision == "missing"]
    if len(waiting) < 2:
        return None
    return {"key": group, "words": f"the same change in {len(waiting):,} accounts"}


def _table(night: Night, status: RunStatus, one: AccountReview) -> Markup:
    table = changes_table(one["account"], night.changes.get(one["place"], ()))
    if table:
        return Markup(table.decode())  # noqa: S704  exports/page/tables.py escapes
    if one["change"] in ("new", "gone"):
        return Markup("".join(_people(status, one)))  # noqa: S704  each cell passes through `shown`
    return Markup('<p class="quiet">No cell of any person changed. Only the bytes differ.</p>')


def _people(status: RunStatus, one: AccountReview) -> Iterator[str]:
    """Everybody of a report that is new or goes, where there are too many of such reports to compare them all."""
    account = status.accounts[one["place"]]
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
            f"Approving takes the report of {plural(one['rows_before'], 'person', 'people')} out of what is ready, "
            "at the next release."
        )
    before = "" if one["change"] == "new" else f", was {one['rows_before']:,}"
    return f"Would be sent: {one['file']}, {plural(one['rows'], 'row')}{before}, sha256 {(one['sha256'] or '')[:12]}"


def _nothing(night: Night) -> str:
    if night.held and night.held.is_everything:
        return "Every account is held back by faults, so no report can go out. See below what to mend."
    if night.held:
        held = plural(night.held.accounts, "account")
        return f"Nothing waits for a decision, but faults hold {held} back: see below what to mend."
    return "Nothing waits for a decision: partners have what is here already."
