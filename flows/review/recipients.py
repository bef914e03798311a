"""Recipients by Impartner that are others than at the last release: whoever reviews a run should see them.

What is compared is whom mails go to now with whom the pulls found that were released. So the alarm stays, in every
review and whatever the bytes are, until a run that has the new recipient is released by a person; from then on it is
what was reviewed. A row of contacts.csv, set by hand, wins over Impartner: then nothing changed for the account. To an
account that is gone no mail goes.
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
    """Whom an account's mail would go to, and whom it went to before; "" is nobody."""

    account: str
    now: str
    before: str

    @property
    def alarm(self) -> Alarm:
        """What a reviewer should see."""
        text = f"Mail for {self.account} would go to {self.now or 'nobody'} instead of {self.before or 'nobody'}"
        return {"severity": SEVERITY, "kind": KIND, "text": text}


def changed_recipients(home: Home, accounts: Sequence[AccountStatus]) -> Mapping[int, Changed]:
    """The accounts, by their place, for which Impartner has another recipient than at the last release."""
    before = recipients.released(home)
    if not before:
        return {}
    now = {row.account_id: row.to for row in _rows(home, PULLED)}
    by_hand = {ledger.key(row.account, row.account_id) for row in _rows(home, BY_HAND)}
    changed = {}
    for place, one in enumerate(accounts):
        recipient = now.get(one.account_id or "", "")
        known = before.get(one.account_id or "", recipient)
        set_by_hand = not by_hand.isdisjoint(ledger.keys(one.account, one.account_id))
        if known != recipient and one.change != "gone" and not set_by_hand:
            changed[place] = Changed(one.account, recipient, known)
    return changed


def note_released(home: Home, run_folder: Path, *, seen: bool) -> None:
    """Take the recipients that a run pulled for those of the last release; unless a person has `seen` them, only of
    accounts of which none are known. Call it as the writer of the home."""
    pulled, known = recipients.of_run(run_folder), recipients.released(home)
    if pulled:
        recipients.keep_released(home, {**known, **pulled} if seen else {**pulled, **known})


# ---------------------------------------------------------------------------------------------------------------------


def _rows(home: Home, name: str) -> Sequence[ContactRow]:
    """The rows of a file of contacts; none if it is broken: whoever drafts a mail is told so, and nothing goes out."""
    with suppress(WrongUsage):
        return contacts.read(home, name)
    return ()
