"""Makes drafts: mails with ready reports for a person to send. Nothing is ever sent here.

Each draft is made from one account (`compose.py`). An account that may not have one is refused with the reason, and the
others go on. Files appear all at once, and are then noted in the ledger.

Drafts go into a mailbox one by one, and each is noted as soon as it is there. If the command is killed in between, one
line is missing: that draft is made twice, and a person sees both. If drafts were noted first, one could be missing, and
nobody would notice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from exports.home import ledger, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.home.publish import writing
from exports.mail.access import Access
from exports.mail.outlets import Draft, Outlet
from flows.mail.accounts import Row
from flows.mail.compose import Composer
from flows.mail.request import Already, Composed, Refused, Request
from schemas.addresses import is_address
from schemas.errors import Unreachable, WrongUsage
from schemas.words import plural
from transforms.look_alikes import look_alikes


class Made(NamedTuple):
    """A draft that was made: its account, its confirmed recipients, and its files."""

    row: Row
    draft: Draft
    confirmed: Sequence[str]
    files: Sequence[Path]


@dataclass(frozen=True)
class Drafts:
    """The results of a request."""

    made: list[Made] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    already: list[Already] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)  # warnings of look-alike names; they name accounts: not for logs

    def add(self, others: "Drafts") -> None:
        """Add the results of another request."""
        self.made.extend(others.made)
        self.refused.extend(others.refused)
        self.already.extend(others.already)
        self.notices.extend(others.notices)
        self.alike.extend(others.alike)


def make_drafts(home: Home, request: Request, outlet: Outlet, now: datetime) -> Drafts:
    """Make the requested drafts, all at once, and note them in the ledger.

    Raises NoSuchAccount for an unknown name, and WrongUsage for an invalid address, template or file of contacts: then
    nothing is made.
    """
    _refuse_wrong(request)
    with writing(home), outlet:
        # keep only outlines: the bytes of thousands of drafts would not fit into memory
        drafts = _compose(home, request, lambda draft: (outlet.put(draft), draft.outline))
        if drafts.made:
            outlet.finish()
            ledger.append(home, [line for made in drafts.made for line in _lines(made, request, now)])
    return drafts


def make_drafts_in_mailbox(home: Home, request: Request, access: Access, now: datetime) -> Drafts:
    """Put the requested drafts into the mailbox, over one connection, and note each in the ledger.

    Raises as `make_drafts` does, and Unreachable: then those that were put there until then are noted.
    """
    _refuse_wrong(request)
    with home.mailing():  # a lock of its own, so that nobody waits for the home while the mailbox is slow
        with writing(home):
            drafts = _compose(home, request, lambda draft: ([], draft))
        if drafts.made:
            _put_into_mailbox(home, request, drafts, access, now)
    return drafts


# ---------------------------------------------------------------------------------------------------------------------


def _refuse_wrong(request: Request) -> None:
    """Raise WrongUsage for a request that is invalid for any account."""
    for address in (*request.to, *request.cc, *request.confirm):
        if not is_address(address):
            raise WrongUsage(f"{address!r} is not one plain e-mail address. Write it as name@domain")
    if request.confirm and not request.by:
        raise WrongUsage("Say who confirms the recipient: add --by WHO")
    if request.to and (request.every or request.changed):
        raise WrongUsage("--to goes with the name of an account: all others have recipients of their own")


def _compose(home: Home, request: Request, put: Callable[[Draft], tuple[list[Path], Draft]]) -> Drafts:
    """Compose the drafts with the home's lock held. put: returns a draft's files, and what to keep of the draft."""
    drafts, composer = Drafts(), Composer(home, request)
    for row in composer.accounts():
        outcome = composer.compose(row)
        if isinstance(outcome, Composed):
            files, kept = put(outcome.draft)
            drafts.made.append(Made(row, kept, outcome.confirmed, files))
        elif isinstance(outcome, Refused):
            drafts.refused.append(outcome)
        else:
            drafts.already.append(outcome)
    names = [made.row["account"] for made in drafts.made]
    drafts.alike.extend(f"{names[at]}: {text}" for at, text in look_alikes(names, composer.names).items())
    return drafts


def _put_into_mailbox(home: Home, request: Request, drafts: Drafts, access: Access, now: datetime) -> None:
    from exports.mail.mailbox import open_mailbox  # late: IMAP and TLS take 20 ms, and most drafts become files

    done = 0
    try:
        with open_mailbox(access) as mailbox:
            drafts.notices.extend(filter(None, [mailbox.folders("drafts").notice]))
            for made in drafts.made:
                mailbox.append(made.draft.message)
                with writing(home):
                    ledger.append(home, _lines(made, request, now))
                done += 1
    except Unreachable as stop:
        raise Unreachable(f"{stop}. {_how_far(done, len(drafts.made))}") from None


def _how_far(done: int, of: int) -> str:
    if not done:
        return "No draft was put there"
    return f"{done:,} of {plural(of, 'draft')} were put there and noted; repeat the command to make the others"


def _lines(made: Made, request: Request, now: datetime) -> Iterator[Line]:
    """The ledger's lines of a draft: who confirmed new recipients, and what was drafted for whom."""
    if made.confirmed:
        account = {"account": made.row["account"], "account_id": made.row["account_id"]}
        yield sent.line_of("contact", now, account, request.by) | {"to": [*made.confirmed], "confirmed": True}
    hashes = [attachment.sha256 for attachment in made.draft.attachments]
    line = sent.line_of("drafted", now, made.row, request.by) | {"to": [*made.draft.to]}
    yield line | {"attachment_sha256": hashes[0], "attachments": hashes}
