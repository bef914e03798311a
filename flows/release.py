"""The Prefect flow `release`: puts the approved reports of a run into ready/."""

from functools import partial
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.approvals import Released, run_release
from flows.certify import Step
from flows.jobs import OnProgress
from flows.orchestration.run import run_as_flow, run_name
from flows.settings import load


@flow(name="release", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def release(
    run: Annotated[str, Field(min_length=1)] = "latest",
) -> State[None]:
    """Put the approved reports of a run into ready/; the others there stay as they are.

    Args:
        run: A run's id, or latest: the nightly run that finished last.
    """
    return await run_as_flow(partial(_work, run))


def _work(run: str, step: Step, _on_progress: OnProgress) -> Released:
    return run_release(load(), run, step)
