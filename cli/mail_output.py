"""Output of the mail commands: drafts, refusals, sent mails, alarms. Standard output may name recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import line, print_json, write
from exports.home.ledger import Line
from flows.mail.draft import Drafts, Made
from flows.mail.request import Already, Refused

if TYPE_CHECKING:  # IMAP and TLS, which a draft does without
    from flows.mail.scan import Scan


def print_drafts(drafts: Drafts, *, pasted: bool, json: bool) -> None:
    """Print the drafts that were made, those refused, and those made before. pasted: their text, to be pasted."""
    if json:
        print_json(
            {
                "drafts": [_draft_json(made, pasted=pasted) for made in drafts.made],
                "refused": [_refused_json(refused) for refused in drafts.refused],
                "already": [_already_json(already) for already in drafts.already],
            }
        )
        return
    for made in drafts.made:
        _print_text(made) if pasted else line(_draft_line(made))
    for already in drafts.already:
        line(_already_line(already))
    for refused in drafts.refused:
        line(f"No draft for {refused.row['account']}: {refused.why}")
    if not drafts.made and not drafts.already and not drafts.refused:
        line("There is nothing to draft.")


def print_sent(scan: Scan, *, json: bool) -> None:
    """Print what was noted as sent, and the alarms about it."""
    if json:
        print_json({"scanned": scan.scanned, "sent": scan.sent, "alarms": scan.alarms})
        return
    for noted in scan.sent:
        line(f"{noted['account']}: sent to {', '.join(noted['to']) or 'nobody'} on {noted['at'][:10]}")
    for alarm in scan.alarms:
        line(f"ALARM {alarm['message_id']}: {alarm['why']}")
    if scan.alarms:
        line("If an alarm is harmless: partner-certs sent --ack 'MESSAGE_ID' --by WHO --reason WHY")


def print_acknowledged(noted: Line, *, json: bool) -> None:
    """Print which mail's alarms were acknowledged."""
    if json:
        print_json({"scanned": 0, "sent": [], "alarms": [], "ack": noted})
        return
    line(f"Scans no longer report alarms about {noted['message_id']}")


# ---------------------------------------------------------------------------------------------------------------------


def _account(row: Any) -> dict[str, Any]:
    return {"account": row["account"], "account_id": row["account_id"]}


def _draft_json(made: Made, *, pasted: bool) -> dict[str, Any]:
    attachments = made.draft.attachments
    draft = _account(made.row) | {
        "file": str(made.files[0]) if made.files and not pasted else None,
        "attachment": attachments[0].name,
        "attachments": [one.name for one in attachments],
        "sha256": made.row["sha256"],
        "attachment_sha256": attachments[0].sha256,
        "to": [*made.draft.to],
        "cc": [*made.draft.cc],
        "subject": made.draft.text.subject,
    }
    return draft | ({"text": made.draft.text.text, "files": [*map(str, made.files)]} if pasted else {})


def _refused_json(refused: Refused) -> dict[str, Any]:
    return _account(refused.row) | {"to": [*refused.to], "why": refused.why}


def _already_json(already: Already) -> dict[str, Any]:
    keys = ("at", "what", "to")
    return _account(already.row) | {key: already.line[key] for key in keys}  # type: ignore[literal-required]


def _draft_line(made: Made) -> str:
    to = ", ".join(made.draft.to) or "nobody yet"
    cc = f", copy to {', '.join(made.draft.cc)}" if made.draft.cc else ""
    where = made.files[0] if made.files else "in the drafts of the mailbox"
    return f"{made.row['account']}, to {to}{cc}: {where}"


def _already_line(already: Already) -> str:
    row, before = already.row, already.line
    to = ", ".join(before.get("to", ())) or "nobody"
    return (
        f"{row['account']}: {before['what']} to {to} on {before['at'][:10]}, with the same bytes. Use --again to repeat"
    )


def _print_text(made: Made) -> None:
    """Print a mail to be pasted, so nothing in it is escaped."""
    text = made.draft.text
    write(f"To: {', '.join(made.draft.to)}\nSubject: {text.subject}\n\n{text.text}")
    for path in made.files:
        line(path)
