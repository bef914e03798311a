"""The nightly run as a Prefect flow: every account, from a file or pulled from Impartner."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.certify import Step
from flows.orchestration.run import Tell, run_as_flow, run_name
from flows.review.decide import Policy


@flow(name="nightly", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def nightly(
    export: str | None = None,
    approve_unattended: Policy = "none",
) -> State[None]:
    """Every account: one validated report each, staged for review.

    Args:
        export: A downloaded CSV or XLSX, as a path on the worker's machine. Nothing: Impartner is asked.
        approve_unattended: What is approved without a reviewer. none: nothing. gains: accounts where people only
            joined, gained a course or changed a detail. valid: everything that is not held back.
    """

    def work(step: Step, tell: Tell) -> Any:
        from flows.jobs import run_nightly
        from flows.settings import load

        return run_nightly(load(), Path(export) if export else None, approve_unattended, step, tell)

    return await run_as_flow("nightly", work)
