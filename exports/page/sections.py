"""The section of one account on the review page, as HTML in plain bytes, because there may be thousands.

Its table is made in `tables.py`; texts of partners are escaped by `text.py`. The page around it is in
`templates/page.html.j2`.
"""

from collections.abc import Iterable
from html import escape

from exports.page.tables import KINDS, file_link
from exports.page.text import shell_word, shown
from schemas.review import AccountReview, Decision
from schemas.words import plural, signature

DECISIONS: dict[Decision, tuple[str, str]] = {  # sign and words
    "missing": ("○", "to decide"),
    "approved": ("✓", "approved"),
    "held": ("‖", "on hold"),
    "rejected": ("✕", "rejected"),
    "not needed": ("·", "no decision needed"),
}
CHANGES = {"new": "new account", "changed": "changed", "gone": "gone from the export"}


def section(anchor: str, key: str, account: AccountReview, table: bytes, command: str) -> bytes:
    """The section of an account to review, with its table of changes.

    `command`: what approves it in a terminal; "" if there is nothing to approve.
    """
    counts = _counts(account)
    before = (
        f'<article class="account item" id="{anchor}" tabindex="-1" aria-labelledby="{anchor}-name" data-key="{key}"'
        f' data-kinds="{" ".join(_kinds(account, counts))}" data-alarms="{_alarm_kinds(account)}"'
        f' data-decision="{account["decision"]}">\n'
        f'<header><h3 id="{anchor}-name">{shown(account["account"])}</h3>\n<p class="about">{_about(account)}</p>\n'
        f'<ul class="counts">{"".join(counts.values())}</ul>\n'
        f'<p class="state">{decision(account["decision"])} {who(account)}</p></header>\n'
        f'<div class="content">\n{_renamed(account)}{_alarms(account)}'
    )
    after = f"{'' if table else _no_table(account)}{_sent(account)}{_command(command)}</div></article>\n"
    return b"".join([before.encode(), table, after.encode()])


def approving(run: str, account: AccountReview) -> str:
    """The command that approves an account in a terminal, quoted for a shell."""
    name = account["account_id"] or account["account"]
    reason = " --reason WHY" if "approve" in account["needs_reason"] else ""
    return f"partner-certs approve {shell_word(run)} --account={shell_word(name)} --by YOU{reason}"


def decision(state: Decision) -> str:
    """A decision as HTML: sign and words."""
    sign, words = DECISIONS[state]
    return f'<span class="decision"><b aria-hidden="true">{sign}</b> {words}</span>'


def who(account: AccountReview) -> str:
    """Who decided, when and why, as HTML; without text if nobody has."""
    return f'<small class="who">{shown(signature(account["by"], account["at"], account["reason"]))}</small>'


def severity(level: int) -> str:
    """The severity of an alarm as HTML: sign and word; 1 is the worst."""
    css, sign, word = ("worst", "▲", "alarm") if level <= 2 else ("warning", "△", "warning") if level <= 5 else _NOTE
    return f'<span class="severity {css}"><b aria-hidden="true">{sign}</b> {word}</span>'


# ----------------------------------------------------------------------------------------------------------------------

_NOTE = ("note", "○", "note")


def _counts(account: AccountReview) -> dict[str, str]:
    return {
        kind: f'<li class="{kind}"><b aria-hidden="true">{sign}</b> {account["counts"][kind]:,} {word}</li>'
        for kind, (sign, word) in KINDS.items()
        if account["counts"][kind]
    }


def _kinds(account: AccountReview, counts: Iterable[str]) -> list[str]:
    """The words by which the filter of the page finds the account."""
    return [account["change"], *(["renamed"] if account["renamed_from"] else []), *counts]


def _renamed(account: AccountReview) -> str:
    """The notice of a new name, shown first: it may be another company."""
    if account["renamed_from"] is None:
        return ""
    return (
        f'<p class="renamed"><b aria-hidden="true">✎</b> Renamed: the ready report is of '
        f"<strong>{shown(account['renamed_from'])}</strong>; the same id is now "
        f"<strong>{shown(account['account'])}</strong>. The file takes the new name at the release.</p>\n"
    )


def _about(account: AccountReview) -> str:
    known = f"<code>{shown(account['account_id'])}</code> · " if account["account_id"] else ""
    return known + CHANGES[account["change"]]


def _alarm_kinds(account: AccountReview) -> str:
    return " ".join(alarm["kind"] for alarm in account["alarms"])


def _alarms(account: AccountReview) -> str:
    alarms = [alarm for alarm in account["alarms"] if alarm["kind"] != "renamed"]  # `_renamed` says so
    lines = [f"<li>{severity(alarm['severity'])} {shown(alarm['text'])}</li>" for alarm in alarms]
    return f'<ul class="alarms">{"".join(lines)}</ul>\n' if lines else ""


def _no_table(account: AccountReview) -> str:
    if account["change"] == "gone":
        people = plural(account["rows_before"], "person", "people")
        return f'<p class="quiet">Everybody leaves: {people}, listed in the report that is ready now.</p>\n'
    if account["renamed_from"] and account["sha256"] == account["before"]:
        return '<p class="quiet">Nothing else changed: every cell of every person is the same.</p>\n'
    return (
        '<p class="quiet">No cell of any person changed. Only the bytes differ, '
        "for instance the separator or the order of rows.</p>\n"
    )


def _sent(account: AccountReview) -> str:
    if account["file"] is None:
        rows = plural(account["rows_before"], "row", "rows")
        return (
            '<p class="sent"><span>Nothing would be sent.</span> '
            f"<span>If approved, the next release takes the report of {rows} out of ready.</span></p>\n"
        )
    before = "" if account["change"] == "new" else f", was {account['rows_before']:,}"
    cells = plural(account["guarded"], "cell", "cells")
    guarded = f" <span>{cells} guarded against formulas</span>" if account["guarded"] else ""
    return (
        f'<p class="sent"><span>Would be sent:</span> {file_link(account)} '
        f"<span>{plural(account['rows'], 'row', 'rows')}{before}</span> "
        f"<span>sha256 <code>{(account['sha256'] or '')[:12]}</code></span>{guarded}</p>\n"
    )


def _command(command: str) -> str:
    return f'<p class="command"><span>To approve:</span> <code>{escape(command)}</code></p>\n' if command else ""
