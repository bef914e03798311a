"""Finds recipients in Impartner that have changed since the last release, for an alarm of the review.

The current recipients are compared with those of the runs that were released. So every review shows the alarm, whatever
the bytes are, until a person releases a run that has the new recipient. There is no alarm for an account whose contact
is set by hand, because that overrides Impartner, or for one that is gone.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from exports.home import contacts, ledger, recipients
from exports.home.contacts import BY_HAND, PULLED
from exports.home.layout import Home
from exports.home.status import AccountStatus
from schemas.contacts import ContactRow
from schemas.errors import WrongUsage
from schemas.review import Alarm

SEVERITY, KIND = 2, "recipient"


class Changed(NamedTuple):
    """An account's current and previous recipients; "" is nobody."""

    account: str
    now: str
    before: str

    @property
    def alarm(self) -> Alarm:
        """The alarm for the review."""
        text = f"Mail for {self.account} would go to {self.now or 'nobody'} instead of {self.before or 'nobody'}"
        return {"severity": SEVERITY, "kind": KIND, "text": text}


def changed_recipients(home: Home, accounts: Sequence[AccountStatus]) -> Mapping[int, Changed]:
    """The accounts, by their index, whose recipient in Impartner has changed since the last release."""
    before = recipients.released(home)
    if not before:
        return {}
    now = {row.account_id: row.to for row in _rows(home, PULLED)}
    by_hand = {ledger.key(row.account, row.account_id) for row in _rows(home, BY_HAND)}
    changed = {}
    for index, one in enumerate(accounts):
        recipient = now.get(one.account_id or "", "")
        known = before.get(one.account_id or "", recipient)
        set_by_hand = not by_hand.isdisjoint(ledger.keys(one.account, one.account_id))
        if known != recipient and one.change != "gone" and not set_by_hand:
            changed[index] = Changed(one.account, recipient, known)
    return changed


def note_released(home: Home, run_folder: Path, *, seen: bool) -> None:
    """Keep the recipients that a run pulled as those of the last release; unless a person has `seen` them, only of
    accounts without known ones. Call it with the home's lock held."""
    pulled, known = recipients.of_run(run_folder), recipients.released(home)
    if pulled:
        recipients.keep_released(home, {**known, **pulled} if seen else {**pulled, **known})


# ---------------------------------------------------------------------------------------------------------------------


def _rows(home: Home, name: str) -> Sequence[ContactRow]:
    """The rows of a file of contacts; none if it is broken: then drafting refuses, and nothing goes out."""
    with suppress(WrongUsage):
        return contacts.read(home, name)
    return ()
