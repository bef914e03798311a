"""Drafts: mails with ready reports for a person to send. Nothing is ever sent here.

Everything in a draft comes from one account: the report, the recipients, the greeting, the subject (`compose.py`). An
account that may not have one is refused with the reason, and the others go on. What is made appears all at once, and is
then noted in the ledger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from exports.home import ledger, ready, sent
from exports.home.layout import Home
from exports.home.ledger import Line
from exports.mail.outlets import Draft, Outlet
from flows.mail.accounts import Row
from flows.mail.compose import Already, Composed, Composer, Refused, Request
from schemas.addresses import is_address
from schemas.errors import WrongUsage


class Made(NamedTuple):
    """A draft that was made, of which account, the recipients confirmed for it, and the files that it is in."""

    row: Row
    draft: Draft
    confirmed: Sequence[str]
    files: Sequence[Path]


@dataclass(frozen=True)
class Drafts:
    """What came of a request."""

    made: list[Made] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    already: list[Already] = field(default_factory=list)

    def add(self, others: "Drafts") -> None:
        """What came of another request, too."""
        self.made.extend(others.made)
        self.refused.extend(others.refused)
        self.already.extend(others.already)


def make_drafts(home: Home, request: Request, outlet: Outlet, now: datetime) -> Drafts:
    """Make the drafts that are asked for, all at once, and note them in the ledger.

    Raises NoSuchAccount for a name that no account has, and WrongUsage for a broken address, template or file of
    contacts: then nothing is made.
    """
    _refuse_wrong(request)
    result = Drafts()
    with ready.writing(home), outlet:
        composer = Composer(home, request)
        for row in composer.accounts():
            found = composer.compose(row)
            if isinstance(found, Composed):
                result.made.append(Made(row, *found, outlet.put(found.draft)))
            elif isinstance(found, Refused):
                result.refused.append(found)
            else:
                result.already.append(found)
        if result.made:
            outlet.finish()
            ledger.append(home, [line for made in result.made for line in _lines(made, request, now)])
    return result


# ---------------------------------------------------------------------------------------------------------------------


def _refuse_wrong(request: Request) -> None:
    """What is wrong with a request, whatever the account."""
    for address in (*request.to, *request.cc, *request.confirm):
        if not is_address(address):
            raise WrongUsage(f"{address!r} is not one plain e-mail address. Write it as name@domain")
    if request.confirm and not request.by:
        raise WrongUsage("Say who confirms the recipient: add --by WHO")
    if request.to and (request.every or request.changed):
        raise WrongUsage("--to goes with the name of an account: all others have recipients of their own")


def _lines(made: Made, request: Request, now: datetime) -> Iterator[Line]:
    """Who confirmed new recipients, and what was drafted for whom."""
    if made.confirmed:
        account = {"account": made.row["account"], "account_id": made.row["account_id"]}
        yield sent.line_of("contact", now, account, request.by) | {"to": [*made.confirmed], "confirmed": True}
    hashes = [attachment.sha256 for attachment in made.draft.attachments]
    line = sent.line_of("drafted", now, made.row, request.by) | {"to": [*made.draft.to]}
    yield line | {"attachment_sha256": hashes[0], "attachments": hashes}
