"""The Prefect flow `account`: one account on demand, with a form for its parameters."""

from functools import partial
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.approvals import OnDemand, release_on_demand
from flows.certify import Outcome, Step
from flows.jobs import OnProgress, run_account
from flows.orchestration.run import run_as_flow, run_name
from flows.settings import load


@flow(name="account", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def account(
    account: Annotated[str, Field(min_length=1)],
    export: str | None = None,
    approve_by: str | None = None,
    reason: str | None = None,
) -> State[None]:
    """One account by name or id, now.

    Its tasks are the stages: read, check, shape, write, keep, compare, and release if somebody approves.

    Args:
        account: The account's id, or its name as Impartner has it. Prefect keeps what you type here.
        export: A downloaded CSV or XLSX, as a path on the worker's machine. If empty, Impartner is pulled.
        approve_by: Who approves the report; it is then released at once. If empty, it waits for a review.
        reason: Why the report is right although somebody loses a course, or half of the people left. Without a reason,
            such a report is not approved.
    """
    return await run_as_flow(partial(_work, account, export, (approve_by or "").strip(), reason or ""))


def _work(
    account: str, export: str | None, approve_by: str, reason: str, step: Step, on_progress: OnProgress
) -> Outcome | OnDemand:
    settings = load()
    outcome = run_account(settings, account, Path(export) if export else None, step, on_progress)
    return release_on_demand(settings, outcome, approve_by, reason, step) if approve_by else outcome
