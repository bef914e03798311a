"""Draft mail: the same draft as `partner-certs draft` makes, for the partner whose page it is. Nothing is ever sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desk.partners import Partner
from exports.home.layout import Home
from exports.mail.outlets import Folder
from flows.mail.accounts import Row
from flows.mail.compose import Already, Request
from flows.mail.draft import Drafts, make_drafts
from flows.run_ids import utc_now
from schemas.errors import NotAllowed


@dataclass(frozen=True)
class Drafted:
    """What came of it: the name of the file that was made, or the addresses that somebody must confirm first."""

    words: str
    file: str = ""
    confirm: tuple[str, ...] = ()
    is_again: bool = False  # the same was drafted or sent before, so it was not made


def draft(
    home: Home, partner: Partner, sender: str, *, to: str, confirm: tuple[str, ...], by: str, again: bool
) -> Drafted:
    """A draft to the partner's contacts, or to an address that was typed. `again`: also if the same was made before.

    Raises NotAllowed, in the command's words, if the partner may not have it; else as `make_drafts`.
    """
    name = partner.entry.account_id or partner.entry.account
    addresses = tuple(filter(None, re.split(r"[;,\s]+", to)))
    request = Request(names=[name], to=addresses, confirm=confirm, by=by, again=again, sender=sender)
    drafts = make_drafts(home, request, Folder(home.drafts), utc_now())
    for refused in drafts.refused:
        if refused.new:
            return Drafted(refused.why, confirm=tuple(refused.new))
        raise NotAllowed(refused.why)
    for already in drafts.already:
        return Drafted(f"{before(already)} Nothing was made.", is_again=True)
    made = drafts.made[0]
    words = f"A draft to {', '.join(made.draft.to)} was made. Look at it, and send it yourself."
    return Drafted(words, made.files[0].name)


def draft_released(home: Home, rows: Sequence[Row], sender: str, by: str) -> Drafts:
    """Drafts of reports that are ready, to the contacts of their accounts; what may not go is refused in words."""
    names = [row["account_id"] or row["account"] for row in rows]
    request = Request(names=names, by=by, sender=sender)
    return make_drafts(home, request, Folder(home.drafts), utc_now())


def before(already: Already) -> str:
    """What was done before with the same bytes."""
    line = already.line
    by = f" by {line['by']}" if line["by"] else ""
    return f"The same report was {line['what']} for {', '.join(line.get('to', ()))} on {line['at'][:10]}{by}."


def eml(home: Home, partner: Partner, name: str) -> bytes | None:
    """A draft of the partner's, as it was made; None if there is none of this name."""
    report = partner.ready["file"].removesuffix(".csv") if partner.ready else None
    if report is None or not name.startswith(f"{report}_"):
        return None
    return stored(home, name)


def stored(home: Home, name: str) -> bytes | None:
    """A draft of this name in the home; None if there is none."""
    if not (name == Path(name).name and name.isprintable() and name.endswith(".eml")):
        return None
    try:
        return (home.drafts / name).read_bytes()
    except FileNotFoundError:
        return None
