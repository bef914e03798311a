"""Draft mail: the same draft as `partner-certs draft` makes, for the partner whose page it is. Nothing is ever sent."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from desk.partners import Partner
from exports.home.layout import Home
from exports.mail.access import Access
from exports.mail.outlets import Folder
from flows.mail.accounts import Row
from flows.mail.compose import Already, Request
from flows.mail.draft import Drafts, Made, make_drafts, make_drafts_in_mailbox
from flows.run_ids import utc_now
from schemas.errors import NotAllowed


@dataclass(frozen=True)
class Mail:
    """Where drafts go. `sender`: their From, "" if the mail program sets it. `mailbox`: the way into the mailbox, None
    if no mailbox is set; then drafts are files only."""

    sender: str = ""
    mailbox: Callable[[], Access] | None = None

    def make(self, home: Home, request: Request, *, in_mailbox: bool) -> Drafts:
        """Make drafts in the mailbox or as files; raises as `make_drafts` and `make_drafts_in_mailbox` do."""
        signed = replace(request, sender=self.sender)
        if not in_mailbox:
            return make_drafts(home, signed, Folder(home.drafts), utc_now())
        if self.mailbox is None:
            raise NotAllowed("No mailbox is set. Set PARTNER_CERTS_IMAP_URL, then start the desk again")
        return make_drafts_in_mailbox(home, signed, self.mailbox(), utc_now())


@dataclass(frozen=True)
class Drafted:
    """What came of it: the name of the file if one was made, or the addresses that somebody must confirm first."""

    words: str
    file: str = ""
    confirm: tuple[str, ...] = ()
    is_again: bool = False  # the same was drafted or sent before, so it was not made


def draft(
    home: Home,
    partner: Partner,
    mail: Mail,
    *,
    to: str,
    confirm: tuple[str, ...],
    by: str,
    again: bool,
    in_mailbox: bool,
) -> Drafted:
    """A draft to the partner's contacts, or to an address that was typed. `again`: also if the same was made before.

    Raises NotAllowed, in the command's words, if the partner may not have it; else as `Mail.make`.
    """
    name = partner.entry.account_id or partner.entry.account
    addresses = tuple(filter(None, re.split(r"[;,\s]+", to)))
    request = Request(names=[name], to=addresses, confirm=confirm, by=by, again=again)
    drafts = mail.make(home, request, in_mailbox=in_mailbox)
    for refused in drafts.refused:
        if refused.new:
            return Drafted(refused.why, confirm=tuple(refused.new))
        raise NotAllowed(refused.why)
    for already in drafts.already:
        return Drafted(f"{before(already)} Nothing was made.", is_again=True)
    made = drafts.made[0]
    place = "lies in the mailbox" if in_mailbox else "was made"
    words = f"A draft to {', '.join(made.draft.to)} {place}. Look at it, and send it yourself."
    return Drafted(" ".join([words, *drafts.notices, *drafts.alike]), file_of(made))


def draft_released(home: Home, rows: Sequence[Row], mail: Mail, by: str, *, in_mailbox: bool) -> Drafts:
    """Drafts of reports that are ready, to the contacts of their accounts; what may not go is refused in words."""
    names = [row["account_id"] or row["account"] for row in rows]
    return mail.make(home, Request(names=names, by=by), in_mailbox=in_mailbox)


def mark(rows: Sequence[Row]) -> str:
    """A mark of ready reports: a page sends back the one of what it showed."""
    return sha256(repr([(row["account_id"], row["account"], row["sha256"]) for row in rows]).encode()).hexdigest()


def refuse_other(seen: object, rows: Sequence[Row]) -> None:
    """Raise NotAllowed if a page showed other reports than are ready now."""
    if seen is not None and seen != mark(rows):
        raise NotAllowed("What is ready has changed since this page was loaded. Nothing was drafted: load it again")


def file_of(made: Made) -> str:
    """The name of the file that a draft is in; "" if it lies in the mailbox."""
    return made.files[0].name if made.files else ""


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
