"""Draft mail: makes the same drafts as `partner-certs draft`, from a partner's page. Nothing is ever sent."""

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
from flows.mail.draft import Drafts, Made, make_drafts, make_drafts_in_mailbox
from flows.mail.request import Already, Request
from flows.run_ids import utc_now
from schemas.errors import NotAllowed


@dataclass(frozen=True)
class Mail:
    """Where drafts go. `sender`: their From, "" if the mail program sets it. `mailbox`: gives the access to the
    mailbox; None if no mailbox is set, so that drafts can only be files."""

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
class DraftResult:
    """A sentence about a draft, and the name of its file if there is one, or the addresses to confirm first."""

    message: str
    file: str = ""
    confirm: tuple[str, ...] = ()
    is_again: bool = False  # the same was drafted or sent before, so nothing was made


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
) -> DraftResult:
    """Draft a mail to the partner's contacts, or to typed addresses. `again`: even if the same was made before.

    Raises NotAllowed, in the command's words, if the partner may not have it; else as `Mail.make`.
    """
    name = partner.entry.account_id or partner.entry.account
    addresses = tuple(filter(None, re.split(r"[;,\s]+", to)))
    request = Request(names=[name], to=addresses, confirm=confirm, by=by, again=again)
    drafts = mail.make(home, request, in_mailbox=in_mailbox)
    for refused in drafts.refused:
        if refused.new:
            return DraftResult(refused.why, confirm=tuple(refused.new))
        raise NotAllowed(refused.why)
    for already in drafts.already:
        return DraftResult(f"{before(already)} Nothing was made.", is_again=True)
    made = drafts.made[0]
    done = "is in the mailbox" if in_mailbox else "was made"
    message = f"A draft to {', '.join(made.draft.to)} {done}. Check it, then send it yourself."
    return DraftResult(" ".join([message, *drafts.notices, *drafts.alike]), file_of(made))


def draft_released(home: Home, rows: Sequence[Row], mail: Mail, by: str, *, in_mailbox: bool) -> Drafts:
    """Draft mails with ready reports to the contacts of their accounts; each that is refused has its reason."""
    names = [row["account_id"] or row["account"] for row in rows]
    return mail.make(home, Request(names=names, by=by), in_mailbox=in_mailbox)


def mark(rows: Sequence[Row]) -> str:
    """The hash of some ready reports, which a page sends back."""
    return sha256(repr([(row["account_id"], row["account"], row["sha256"]) for row in rows]).encode()).hexdigest()


def refuse_other(seen: object, rows: Sequence[Row]) -> None:
    """Raise NotAllowed if the reports have changed since a page showed them. seen: their hash in the page."""
    if seen is not None and seen != mark(rows):
        raise NotAllowed("What is ready has changed since this page was loaded. Nothing was drafted: load it again")


def file_of(made: Made) -> str:
    """The name of a draft's file; "" if it is in the mailbox."""
    return made.files[0].name if made.files else ""


def before(already: Already) -> str:
    """A sentence about the earlier mail with the same report."""
    line = already.line
    by = f" by {line['by']}" if line["by"] else ""
    return f"The same report was {line['what']} for {', '.join(line.get('to', ()))} on {line['at'][:10]}{by}."


def eml(home: Home, partner: Partner, name: str) -> bytes | None:
    """The bytes of one of the partner's drafts; None if there is none of this name."""
    report = partner.ready["file"].removesuffix(".csv") if partner.ready else None
    if report is None or not name.startswith(f"{report}_"):
        return None
    return stored(home, name)


def stored(home: Home, name: str) -> bytes | None:
    """The bytes of a draft in the home; None if there is none of this name."""
    if not (name == Path(name).name and name.isprintable() and name.endswith(".eml")):
        return None
    try:
        return (home.drafts / name).read_bytes()
    except FileNotFoundError:
        return None
