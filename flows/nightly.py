"""The nightly run as a Prefect flow: every account, from a file or pulled from Impartner."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.certify import Step
from flows.conducting import Tell, conduct, run_name
from flows.deciding import Policy


@flow(name="nightly", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def nightly(
    export: Annotated[
        str | None, Field(description="A downloaded CSV or XLSX on the worker's machine. Empty: Impartner is asked.")
    ] = None,
    approve_unattended: Annotated[
        Policy,
        Field(
            description="What is approved without a reviewer. none: nothing. gains: accounts where people only joined, "
            "gained a course or changed a detail. valid: everything that is not held back."
        ),
    ] = "none",
) -> State[None]:
    """Every account: one validated report each, staged for review."""

    def work(step: Step, tell: Tell) -> Any:
        from flows.orders import run_nightly
        from flows.settings import load

        return run_nightly(load(), Path(export) if export else None, approve_unattended, step, tell)

    return await conduct("nightly", work)
