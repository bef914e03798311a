"""One account on demand as a Prefect flow, with a form."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.certify import Step
from flows.conducting import Tell, conduct, run_name


@flow(name="account", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def account(
    account: Annotated[
        str, Field(min_length=1, description="The account's id, or its name. Prefect keeps what you type.")
    ],
    export: Annotated[
        str | None, Field(description="A downloaded CSV or XLSX on the worker's machine. Empty: Impartner is asked.")
    ] = None,
    approve_by: Annotated[
        str | None,
        Field(description="Who approves the report: it is then released at once. Empty: it waits for a review."),
    ] = None,
) -> State[None]:
    """One account by name or id, now."""

    def work(step: Step, tell: Tell) -> Any:
        from flows.orders import run_account
        from flows.settings import load

        return run_account(load(), account, Path(export) if export else None, approve_by or None, step, tell)

    return await conduct("account", work)
