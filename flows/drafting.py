"""The job of the deployment `drafts`: drafts of all ready reports, by the settings, unattended."""

from collections.abc import Callable
from functools import partial

from exports.home.layout import Home
from exports.mail.outlets import Folder
from flows.certify import Step, directly
from flows.mail.draft import Drafts, make_drafts, make_drafts_in_mailbox
from flows.mail.drafted import Drafted
from flows.mail.request import Request
from flows.mailbox import access_to_mailbox
from flows.run_ids import utc_now
from flows.settings import Settings

BY = "deployment drafts"  # who drafts, in the ledger


def run_drafts(settings: Settings, *, changed: bool, imap: bool, step: Step = directly) -> Drafted:
    """Draft all ready reports, or only those not drafted or sent yet (`changed`), in the mailbox (`imap`) or as files
    in the home.

    Raises as `make_drafts_in_mailbox` and `make_drafts` do.
    """
    request = Request(every=not changed, changed=changed, by=BY, sender=settings.mail_from)
    drafts = step("draft", _maker(settings, imap=imap), request=request, now=utc_now())
    return Drafted(
        changed,
        imap,
        made=[made.row for made in drafts.made],
        before=[already.row for already in drafts.already],
        refused=[refused.row for refused in drafts.refused],
        notices=drafts.notices,
    )


# ---------------------------------------------------------------------------------------------------------------------


def _maker(settings: Settings, *, imap: bool) -> Callable[..., Drafts]:
    home = Home(settings.home)
    if imap:
        return partial(make_drafts_in_mailbox, home, access=access_to_mailbox(settings))
    return partial(make_drafts, home, outlet=Folder(home.drafts))
