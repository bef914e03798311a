"""Draft mail: the same draft as `partner-certs draft` makes, for the partner whose page it is. Nothing is ever sent."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from desk.partners import Partner
from exports.home.layout import Home
from exports.mail.outlets import Folder
from flows.mail.compose import Request
from flows.mail.draft import make_drafts
from schemas.errors import NotAllowed


@dataclass(frozen=True)
class Drafted:
    """What came of it: the name of the file that was made, or the addresses that somebody must confirm first."""

    words: str
    file: str = ""
    confirm: tuple[str, ...] = ()


def draft(home: Home, partner: Partner, sender: str, *, to: str, confirm: tuple[str, ...], by: str) -> Drafted:
    """A draft to the partner's contacts, or to an address that was typed.

    Raises NotAllowed, in the command's words, if the partner may not have it; else as `make_drafts`.
    """
    name = partner.entry.account_id or partner.entry.account
    addresses = tuple(filter(None, re.split(r"[;,\s]+", to)))
    request = Request(names=[name], to=addresses, confirm=confirm, by=by, again=True, sender=sender)
    drafts = make_drafts(home, request, Folder(home.drafts), datetime.now(UTC))
    for refused in drafts.refused:
        if refused.new:
            return Drafted(refused.why, confirm=tuple(refused.new))
        raise NotAllowed(refused.why)
    made = drafts.made[0]
    return Drafted(
        f"A draft to {', '.join(made.draft.to)} was made. Look at it, and send it yourself.", made.files[0].name
    )


def eml(home: Home, partner: Partner, name: str) -> bytes | None:
    """A draft of the partner's, as it was made; None if there is none of this name."""
    report = partner.ready["file"].removesuffix(".csv") if partner.ready else None
    if report is None or not re.fullmatch(rf"{re.escape(report)}_[\w.-]+\.eml", name):
        return None
    try:
        return (home.drafts / name).read_bytes()
    except FileNotFoundError:
        return None
