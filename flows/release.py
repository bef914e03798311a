"""A release as a Prefect flow: what is approved of a run comes into ready/."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.certify import Step
from flows.orchestration.run import Tell, run_as_flow, run_name


@flow(name="release", flow_run_name=run_name, retries=0, persist_result=False, log_prints=False)
async def release(
    run: Annotated[str, Field(min_length=1)] = "latest",
) -> State[None]:
    """Put the approved reports of a run into ready/; the others there stay as they are.

    Args:
        run: A run's id, or latest: the run that finished last.
    """

    def work(step: Step, _: Tell) -> Any:
        from flows.jobs import run_release
        from flows.settings import load

        return run_release(load(), run, step)

    return await run_as_flow("release", work)
