"""The Prefect flow `drafts`: a mail for each partner, for a person to send. It sends nothing."""

from functools import partial

from prefect import flow
from prefect.client.schemas.objects import State

from flows.certify import Step
from flows.drafting import run_drafts
from flows.jobs import OnProgress
from flows.mail.drafted import Drafted
from flows.orchestration.run import run_as_flow, run_name
from flows.settings import load


@flow(name="drafts", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def drafts(
    changed: bool = True,
    imap: bool = True,
) -> State[None]:
    """Draft a mail with each ready report to its partner's contacts.

    Args:
        changed: Only reports that were not drafted or sent yet; else all, except mails that would be the same again.
        imap: Into the drafts folder of the mailbox; else into the folder drafts of the home.
    """
    return await run_as_flow(partial(_work, changed, imap))


def _work(changed: bool, imap: bool, step: Step, _on_progress: OnProgress) -> Drafted:
    return run_drafts(load(), changed=changed, imap=imap, step=step)
