"""One account on demand as a Prefect flow, with a form."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.certify import Step
from flows.orchestration.run import Tell, run_as_flow, run_name


@flow(name="account", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def account(
    account: Annotated[str, Field(min_length=1)],
    export: str | None = None,
    approve_by: str | None = None,
) -> State[None]:
    """One account by name or id, now.

    Args:
        account: The account's id, or its name as Impartner has it. Prefect keeps what you type here.
        export: A downloaded CSV or XLSX, as a path on the worker's machine. Nothing: Impartner is asked.
        approve_by: Who approves the report; it is then released at once. Nothing: it waits for a review.
    """

    def work(step: Step, tell: Tell) -> Any:
        from flows.jobs import run_account
        from flows.settings import load

        return run_account(load(), account, Path(export) if export else None, approve_by or None, step, tell)

    return await run_as_flow("account", work)
